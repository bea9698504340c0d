#include <cerrno>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <sstream>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "quadric/base/misuse.hpp"

#include "engine/run_json.hpp"
#include "engine/run_state.hpp"
#include "io/atomic_file.hpp"

namespace quadric {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* schema = "quadric/checkpoint/1";
constexpr const char* schema_stem = "quadric/checkpoint/";

/// JSON has no words for what is not finite: these strings.
Json exact(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0.0 ? "inf" : "-inf";
  return value;
}

double number(const Json& json) {
  if (json.is_number()) return json.get<double>();
  const auto& word = json.get_ref<const std::string&>();
  if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (word == "inf") return std::numeric_limits<double>::infinity();
  if (word == "-inf") return -std::numeric_limits<double>::infinity();
  misuse("'" + word + "' is no number");
}

Json numbers(const double* values, Index count) {
  Json::array_t list;
  list.reserve(static_cast<std::size_t>(count));
  for (Index i = 0; i < count; ++i) list.push_back(exact(values[i]));
  return list;
}

Vector vector(const Json& json) {
  const auto& list = json.get_ref<const Json::array_t&>();
  Vector values(static_cast<Index>(list.size()));
  Index i = 0;
  for (const Json& value : list) values[i++] = number(value);
  return values;
}

/// The kind of a value is written with it: in JSON a double may look like an index.
struct WriteValue {
  Json operator()(double value) const { return {{"number", exact(value)}}; }
  Json operator()(Index value) const { return {{"count", value}}; }
  Json operator()(bool value) const { return {{"flag", value}}; }
  Json operator()(const Vector& value) const { return {{"vector", numbers(value.data(), value.size())}}; }
  Json operator()(const Matrix& value) const {
    return {{"matrix", numbers(value.data(), value.size())}, {"rows", value.rows()}};
  }
  Json operator()(const std::string& value) const { return {{"text", value}}; }
};

Matrix matrix(const Json& json) {
  const Vector values = vector(json.at("matrix"));
  const auto rows = json.at("rows").get<Index>();
  if (rows < 0 || (rows == 0 ? values.size() != 0 : values.size() % rows != 0))
    misuse("a matrix does not have as many entries as its rows ask for");
  const Index columns = rows == 0 ? 0 : values.size() / rows;
  return Eigen::Map<const Matrix>(values.data(), rows, columns);
}

Memory::Value read_value(const Json& json) {
  if (!json.is_object() || json.empty()) misuse("a value is not written with its kind");
  const std::string kind = json.begin().key();
  if (kind == "number") return number(json.at(kind));
  if (kind == "count") return json.at(kind).get<Index>();
  if (kind == "flag") return json.at(kind).get<bool>();
  if (kind == "vector") return vector(json.at(kind));
  if (kind == "matrix") return matrix(json);
  if (kind == "text") return json.at(kind).get<std::string>();
  misuse("there is no kind of value '" + kind + "'");
}

Json write_items(const Memory::Items& items) {
  Json json = Json::object();
  for (const auto& item : items) json[item.first] = std::visit(WriteValue{}, item.second);
  return json;
}

Memory::Items read_items(const Json& json) {
  Memory::Items items;
  for (const auto& item : json.items()) items.emplace_back(item.key(), read_value(item.value()));
  return items;
}

/// The numbers of an iteration in the order in which they are written.
template <class It, class Visit>
void for_each_number(It& iteration, const Visit& visit) {
  for (auto* value : {&iteration.value, &iteration.gradient_norm, &iteration.step_norm, &iteration.trust,
                      &iteration.predicted, &iteration.actual, &iteration.ratio, &iteration.slope,
                      &iteration.curvature, &iteration.lambda_min, &iteration.seconds}) {
    visit(*value);
  }
}

Json write_iteration(const Iteration& iteration) {
  Json values = Json::array(), events = Json::array();
  for_each_number(iteration, [&](double value) { values.push_back(exact(value)); });
  for (const Event event : iteration.events.list()) events.push_back(to_string(event));
  return {{"iteration", iteration.iteration},     {"numbers", std::move(values)},
          {"events", std::move(events)},          {"rejected", iteration.rejected},
          {"evaluations", iteration.evaluations}, {"note", iteration.note}};
}

Event event_of(const std::string& name) {
  if (const auto event = event_named(name)) return *event;
  misuse("there is no event '" + name + "'");
}

Iteration read_iteration(const Json& json) {
  Iteration iteration;
  iteration.iteration = json.at("iteration").get<Index>();
  std::size_t place = 0;
  for_each_number(iteration, [&](double& value) { value = number(json.at("numbers").at(place++)); });
  for (const Json& name : json.at("events")) iteration.events.add(event_of(name.get<std::string>()));
  iteration.rejected = json.at("rejected").get<Index>();
  iteration.evaluations = json.at("evaluations").get<Index>();
  iteration.note = json.at("note").get<std::string>();
  return iteration;
}

Json write_state(const RunState& state) {
  Json trace = Json::array();
  for (const Iteration& iteration : state.trace) trace.push_back(write_iteration(iteration));
  return {{"solver", state.solver},
          {"names", state.names},
          {"x", numbers(state.x.data(), state.x.size())},
          {"loop", write_items(state.loop)},
          {"evaluator", write_items(state.evaluator)},
          {"direction", write_items(state.direction)},
          {"control", write_items(state.control)},
          {"pending", write_iteration(state.pending)},
          {"trace", std::move(trace)}};
}

std::shared_ptr<const RunState> read_state(const Json& json) {
  auto state = std::make_shared<RunState>();
  state->solver = json.at("solver").get<std::string>();
  state->names = json.at("names").get<std::vector<std::string>>();
  state->x = vector(json.at("x"));
  state->loop = read_items(json.at("loop"));
  state->evaluator = read_items(json.at("evaluator"));
  state->direction = read_items(json.at("direction"));
  state->control = read_items(json.at("control"));
  state->pending = read_iteration(json.at("pending"));
  for (const Json& line : json.at("trace")) state->trace.push_back(read_iteration(line));
  if (state->trace.empty()) misuse("its trace is empty");
  if (state->names.size() != static_cast<std::size_t>(state->x.size()))
    misuse("it has " + std::to_string(state->names.size()) + " names for " + std::to_string(state->x.size()) +
           " variables");
  return state;
}

/// A hash of the text (FNV-1a of 64 bits, Fowler, Noll & Vo), by which a changed file is told.
std::string checksum(const std::string& text) {
  constexpr std::uint64_t basis = 14695981039346656037ULL, prime = 1099511628211ULL;
  std::uint64_t hash = basis;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  std::ostringstream digits;
  digits << std::hex << hash;
  return digits.str();
}

std::string read_text(const std::filesystem::path& path) {
  const auto fail = [&](const std::error_code& why) {
    misuse("cannot read the checkpoint '" + path.string() + "': " + why.message());
  };
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) fail(std::make_error_code(std::errc::is_a_directory));
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file || file.bad()) fail({errno != 0 ? errno : EIO, std::generic_category()});
  return text.str();
}

/// The state in a text; throws Misuse or a JSON error that says what is wrong.
std::shared_ptr<const RunState> parse(const std::string& text) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) misuse("it is empty");
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) misuse("it is damaged or cut short: it is no JSON as a whole");
  const std::string found = json.is_object() ? json.value("schema", "") : "";
  if (!found.starts_with(schema_stem)) misuse("it is no checkpoint of quadric");
  if (found != schema) misuse("its format is '" + found + "', but this version reads '" + schema + "'");
  if (checksum(json_text(json.at("run"))) != json.at("checksum").get<std::string>())
    misuse("it was changed after it was written: its checksum differs");
  return read_state(json.at("run"));
}

}  // namespace

void Checkpoint::write(const std::filesystem::path& file) const {
  const std::string run = json_text(write_state(*state_));
  write_file(file, std::string(R"({"schema":")") + schema + R"(","checksum":")" + checksum(run) +
                       R"(","run":)" + run + "}\n");
}

Checkpoint Checkpoint::read(const std::filesystem::path& file) {
  const std::string text = read_text(file);
  std::string wrong;
  try {
    return Checkpoint(parse(text));
  } catch (const Misuse& error) {
    wrong = error.what();
  } catch (const std::exception& error) {  // of the JSON library, or a part that is missing
    wrong = std::string("it lacks a part or holds one of another kind: ") + error.what();
  }
  misuse("cannot resume from the checkpoint '" + file.string() + "': " + wrong);
}

}  // namespace quadric
