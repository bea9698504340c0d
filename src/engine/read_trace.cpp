#include "quadric/engine/read_trace.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

#include <nlohmann/json.hpp>

#include "quadric/base/misuse.hpp"

#include "base/nearest_name.hpp"

namespace quadric {

namespace {

using Json = nlohmann::json;

/// One object of a trace; `where` is named in what is thrown.
class ObjectReader {
 public:
  ObjectReader(const Json& object, const std::string& where) : object_(object), where_(where) {
    if (!object.is_object()) misuse(where + ": " + object.type_name() + " instead of an object");
  }

  double number(const char* key) const {
    const auto found = object_.find(key);
    if (found == object_.end() || found->is_null()) return Iteration::unknown;
    if (!found->is_number()) wrong(key, *found, "a number");
    return found->get<double>();
  }

  Index count(const char* key) const {
    const auto found = object_.find(key);
    if (found == object_.end()) return 0;
    if (!found->is_number_unsigned()) wrong(key, *found, "a number of times");
    return found->get<Index>();
  }

  std::string text(const char* key) const {
    const auto found = object_.find(key);
    if (found == object_.end()) return {};
    if (!found->is_string()) wrong(key, *found, "a text");
    return found->get<std::string>();
  }

  bool flag(const char* key) const {
    const auto found = object_.find(key);
    if (found == object_.end()) return false;
    if (!found->is_boolean()) wrong(key, *found, "true or false");
    return found->get<bool>();
  }

  Events events() const {
    Events all;
    const auto found = object_.find("events");
    if (found == object_.end()) return all;
    if (!found->is_array()) wrong("events", *found, "a list");
    for (const Json& name : *found) {
      if (!name.is_string()) wrong("events", name, "a name");
      all.add(event(name.get<std::string>()));
    }
    return all;
  }

  void require(const char* key) const {
    if (!object_.contains(key)) misuse(where_ + ": there is no '" + key + "'");
  }

 private:
  Event event(const std::string& name) const {
    if (const auto known = event_named(name)) return *known;
    misuse(where_ + ": there is no event '" + name + "'" + did_you_mean(name, event_names()));
  }

  [[noreturn]] void wrong(const char* key, const Json& found, const char* expected) const {
    misuse(where_ + ": '" + key + "' is " + found.dump(-1, ' ', false, Json::error_handler_t::replace) +
           ", not " + expected);
  }

  const Json& object_;
  const std::string& where_;
};

Iteration read_iteration(const Json& json, const std::string& where) {
  const ObjectReader object(json, where);
  object.require("iteration");
  return {.iteration = object.count("iteration"),
          .value = object.number("value"),
          .gradient_norm = object.number("gradient_norm"),
          .step_norm = object.number("step_norm"),
          .trust = object.number("trust"),
          .predicted = object.number("predicted"),
          .actual = object.number("actual"),
          .ratio = object.number("ratio"),
          .slope = object.number("slope"),
          .curvature = object.number("curvature"),
          .lambda_min = object.number("lambda_min"),
          .events = object.events(),
          .rejected = object.count("rejected"),
          .evaluations = object.count("evaluations"),
          .seconds = object.number("seconds"),
          .note = object.text("note")};
}

/// The certificate of a result, as far as an explanation needs it; `names` are those of its variables (n).
CriticalPoint read_certificate(const Json& json, const std::vector<std::string>& names,
                               const std::string& where) {
  const ObjectReader object(json, where);
  CriticalPoint point;
  for (int i = 0; i <= static_cast<int>(CriticalKind::Undecided); ++i)
    if (to_string(static_cast<CriticalKind>(i)) == object.text("kind"))
      point.kind = static_cast<CriticalKind>(i);
  point.index = object.count("index");
  point.nullity = object.count("nullity");
  point.order = json.contains("order") ? object.count("order") : 2;
  point.lambda_min = object.number("lambda_min");
  point.lambda_max = object.number("lambda_max");
  point.held = object.count("held");
  point.fades = object.flag("fades");
  point.reason = object.text("reason");
  const auto by_name = [&](const char* key) {
    const auto list = json.find(key);
    Vector values;
    if (list == json.end() || !list->is_object() || list->empty()) return values;
    const ObjectReader entries(*list, where);
    values = Vector::Zero(static_cast<Index>(names.size()));
    for (std::size_t i = 0; i < names.size(); ++i)
      if (list->contains(names[i])) values[static_cast<Index>(i)] = entries.number(names[i].c_str());
    return values;
  };
  point.direction = by_name("direction");
  point.multipliers = by_name("multipliers");
  return point;
}

void append(std::vector<RecordedRun>& runs, Iteration iteration) {
  if (runs.empty() || iteration.iteration <= runs.back().trace.back().iteration) runs.emplace_back();
  runs.back().trace.push_back(std::move(iteration));
}

std::string read_text(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream.is_open() || stream.bad() || std::filesystem::is_directory(file)) {
    const std::error_code why(errno != 0 ? errno : EIO, std::generic_category());
    misuse("cannot read the trace '" + file.string() + "': " + why.message());
  }
  return text;
}

RecordedTrace read_lines(std::string_view text, const std::string& file) {
  RecordedTrace trace;
  for (Index number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::string where = "'" + file + "', line " + std::to_string(number);
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_discarded()) {
      append(trace.runs, read_iteration(json, where));
    } else if (end == std::string_view::npos) {
      trace.cut_short = true;
    } else {
      misuse(where + ": this is not JSON");
    }
  }
  return trace;
}

RecordedTrace read_result(const Json& result, const std::string& file) {
  RecordedTrace trace;
  const std::string where = "'" + file + "'";
  const ObjectReader object(result, where);
  if (!result.at("trace").is_array()) misuse(where + ": 'trace' is no list");
  Index number = 0;
  for (const Json& iteration : result.at("trace"))
    append(trace.runs,
           read_iteration(iteration, where + ", entry " + std::to_string(number++) + " of 'trace'"));
  for (RecordedRun& run : trace.runs) {
    run.solver = object.text("solver");
    run.status = object.text("status");
    run.reason = object.text("reason");
    const auto x = result.find("x"), certificate = result.find("critical_point");
    if (x != result.end() && x->is_object())
      for (const auto& entry : x->items()) run.names.push_back(entry.key());
    if (certificate != result.end())
      run.critical_point = read_certificate(*certificate, run.names, where + ", 'critical_point'");
  }
  return trace;
}

}  // namespace

RecordedTrace read_trace(const std::filesystem::path& file) {
  const std::string text = read_text(file);
  const Json whole = Json::parse(text, nullptr, false);
  RecordedTrace trace = whole.is_object() && whole.contains("trace") ? read_result(whole, file.string())
                                                                     : read_lines(text, file.string());
  if (trace.runs.empty()) misuse("'" + file.string() + "' holds no iteration of a run");
  return trace;
}

}  // namespace quadric
