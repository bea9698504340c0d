// Reads the include lines of the library and fails on one that runs against the plan (docs/architecture.md).

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

struct Room {
  std::string name;
  std::set<std::string> may_include;  // besides itself
};

// Lowest first: an arrow points to a room above it in this list. Who includes interop, Ceres or the umbrella
// has rules of its own, below.
const std::vector<Room> rooms = {
    {"base", {}},
    {"page", {"base"}},
    {"linalg", {"base"}},
    {"derivatives", {"base"}},
    {"problem", {"base", "linalg", "derivatives"}},
    {"interop", {"base", "linalg", "derivatives", "problem"}},
    {"io", {"base", "derivatives", "problem"}},
    {"curvature", {"base", "linalg", "derivatives", "problem"}},
    {"engine", {"base", "linalg", "derivatives", "problem", "io", "curvature"}},
    {"solvers", {"base", "linalg", "derivatives", "problem", "io", "curvature", "engine"}},
    {"fit", {"base", "linalg", "derivatives", "problem", "io", "curvature", "engine", "solvers"}},
    {"compare",
     {"base", "page", "linalg", "derivatives", "problem", "io", "curvature", "engine", "solvers", "fit"}},
    {"cli",
     {"base", "page", "linalg", "derivatives", "problem", "io", "curvature", "engine", "solvers", "fit",
      "compare"}},
};
const std::string umbrella = "include/quadric/quadric.hpp";

using Tree = std::map<std::string, std::string>;  // path below the root of the project → text

struct Include {
  std::string target;
  bool quoted;
};

// The lines of a text, with those that belong to a comment left empty.
std::vector<std::string> lines_of_code(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  bool in_comment = false;
  for (std::string line; std::getline(in, line);) {
    line.erase(0, line.find_first_not_of(" \t\r"));
    if (!in_comment && line.starts_with("//")) line.clear();
    in_comment = in_comment || line.starts_with("/*");
    if (in_comment) {
      const auto end = line.find("*/");
      in_comment = end == std::string::npos;
      line.erase(0, in_comment ? end : end + 2);
      line.erase(0, line.find_first_not_of(" \t\r"));
    }
    lines.push_back(line);
  }
  return lines;
}

// The include that a line of code is, if it is one.
std::optional<Include> as_include(std::string_view line) {
  const auto skip = [&line](std::string_view word) {
    const bool found = line.starts_with(word);
    if (found) line.remove_prefix(word.size());
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    return found;
  };
  if (!skip("#") || !skip("include") || line.empty()) return std::nullopt;
  const bool quoted = line.front() == '"';
  line.remove_prefix(1);
  return Include{std::string(line.substr(0, line.find(quoted ? '"' : '>'))), quoted};
}

// include/quadric/ROOM/..., src/ROOM/... and solvers/...; empty for a file that lies in none.
std::string room_of(const std::string& path) {
  if (path.starts_with("solvers/")) return "solvers";
  for (const std::string folder : {"include/quadric/", "src/"}) {
    const auto slash = path.find('/', folder.size());
    if (path.starts_with(folder) && slash != std::string::npos) {
      return path.substr(folder.size(), slash - folder.size());
    }
  }
  return "";
}

// The file of the project that an include line means, in the order in which a compiler looks.
std::optional<std::string> resolve(const Tree& tree, const std::string& from, const Include& include) {
  std::vector<fs::path> folders = {"include", "src", ""};
  if (include.quoted) folders.insert(folders.begin(), fs::path(from).parent_path());
  for (const fs::path& folder : folders) {
    const std::string path = (folder / include.target).lexically_normal().generic_string();
    if (tree.contains(path)) return path;
  }
  return std::nullopt;
}

bool starts_with_any(const std::string& text, const std::vector<std::string>& prefixes) {
  return std::ranges::any_of(prefixes, [&](const std::string& prefix) { return text.starts_with(prefix); });
}

// What is wrong with one include line, in words; empty when nothing is.
std::string objection(const Tree& tree, const std::string& from, const Include& include) {
  const std::string& target = include.target;
  const bool from_public = from.starts_with("include/");
  const std::optional<std::string> to = resolve(tree, from, include);

  if (!to) {
    if (target.starts_with("quadric/")) return "there is no such file";
    if (target.starts_with("ceres/") &&
        !starts_with_any(from, {"include/quadric/interop/", "solvers/backends/"})) {
      return "only interop and solvers/backends may name Ceres";
    }
    if (!from_public) return "";
    if (target.find("Eigen/") != std::string::npos && target != "Eigen/Core" &&
        target != "Eigen/SparseCore") {
      return "public headers include Eigen/Core and Eigen/SparseCore only";
    }
    if (starts_with_any(target, {"spdlog/", "CLI/", "CLI11", "nlohmann/", "tao/"})) {
      return "public headers keep this library out of users' files";
    }
    return "";
  }

  if (from_public && !to->starts_with("include/")) return "a public header may not include a private one";
  const std::string to_room = room_of(*to);
  if (from == umbrella) return to_room == "interop" ? "the umbrella may not include interop" : "";
  const std::string from_room = room_of(from);
  if (*to == umbrella) return from_room == "cli" ? "" : "the library may not include its umbrella";
  if (to_room == from_room) return "";
  if (to_room == "interop") {
    return from.starts_with("solvers/backends/") ? "" : "only solvers/backends may include interop";
  }
  const auto room = std::ranges::find(rooms, from_room, &Room::name);
  if (room == rooms.end() || room->may_include.contains(to_room)) return "";
  return "room " + from_room + " may not include room " + to_room;
}

std::vector<std::string> violations_in(const Tree& tree, const std::string& path) {
  std::vector<std::string> found;
  const auto report = [&](std::size_t line, const std::string& what) {
    found.push_back(path + ":" + std::to_string(line) + ": " + what);
  };
  const std::vector<std::string> lines = lines_of_code(tree.at(path));

  if (path != umbrella && std::ranges::find(rooms, room_of(path), &Room::name) == rooms.end()) {
    report(1, "lies in no room that the table names");
  }
  if (path.ends_with(".hpp")) {
    const auto first = std::ranges::find_if(lines, [](const std::string& line) { return !line.empty(); });
    if (first == lines.end() || !first->starts_with("#pragma once")) {
      report(1, "a header starts with #pragma once");
    }
  }
  if (path == umbrella) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!lines[i].empty() && !lines[i].starts_with("#")) report(i + 1, "the umbrella holds no code");
    }
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::optional<Include> include = as_include(lines[i]);
    const std::string what = include ? objection(tree, path, *include) : "";
    if (!what.empty()) report(i + 1, what + " (" + include->target + ")");
  }
  return found;
}

std::vector<std::string> violations(const Tree& tree) {
  std::vector<std::string> found;
  for (const auto& [path, text] : tree) {
    if (!path.ends_with(".hpp") && !path.ends_with(".cpp")) continue;
    std::ranges::copy(violations_in(tree, path), std::back_inserter(found));
  }
  return found;
}

Tree read_tree(const fs::path& root) {
  Tree tree;
  for (const char* folder : {"include/quadric", "src", "solvers"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file()) continue;
      std::ostringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      tree[entry.path().lexically_relative(root).generic_string()] = text.str();
    }
  }
  return tree;
}

TEST(Arrows, NoneRunsUpInTheProject) {
  const Tree tree = read_tree(QUADRIC_SOURCE_DIR);
  ASSERT_TRUE(tree.contains("include/quadric/base/types.hpp")) << "read nothing below " << QUADRIC_SOURCE_DIR;
  for (const std::string& violation : violations(tree)) ADD_FAILURE() << violation;
}

TEST(Arrows, TableRunsOneWay) {
  std::set<std::string> below;
  for (const Room& room : rooms) {
    for (const std::string& name : room.may_include)
      EXPECT_TRUE(below.contains(name)) << room.name << " → " << name;
    below.insert(room.name);
  }
}

// A small project in which every arrow is right.
Tree sound_project() {
  return {
      {umbrella, "#pragma once\n\n// All of it.\n#include \"quadric/base/types.hpp\"\n"},
      {"include/quadric/base/types.hpp", "#pragma once\n\n#include <Eigen/Core>\n"},
      {"include/quadric/problem/objective.hpp",
       "// Says what.\n#pragma once\n#include \"quadric/base/types.hpp\"\n"},
      {"include/quadric/engine/solver.hpp", "#pragma once\n/* #include \"quadric/none.hpp\"\n*/\n"},
      {"include/quadric/interop/ceres.hpp", "#pragma once\n#include <ceres/ceres.h>\n"},
      {"src/linalg/factor.hpp", "#pragma once\n#include <Eigen/Cholesky>\n"},
      {"src/engine/parts.hpp", "#pragma once\n"},
      {"src/engine/solver.cpp",
       "#include \"parts.hpp\"\n#include \"linalg/factor.hpp\"\n#include <spdlog/spdlog.h>\n"},
      {"src/cli/main.cpp", "#include <quadric/quadric.hpp>\n"},
      {"solvers/first_order/descent.cpp", "#include \"quadric/engine/solver.hpp\"\n"},
      {"solvers/backends/ceres.cpp", "#include <ceres/ceres.h>\n#include \"quadric/interop/ceres.hpp\"\n"},
  };
}

TEST(Arrows, SoundProjectPasses) { EXPECT_THAT(violations(sound_project()), testing::IsEmpty()); }

struct Planted {
  std::string name, path, text, complaint;
};

class PlantedViolation : public testing::TestWithParam<Planted> {};

TEST_P(PlantedViolation, IsFound) {
  const auto& [name, path, text, complaint] = GetParam();
  Tree tree = sound_project();
  tree[path] = text;
  EXPECT_THAT(violations(tree), testing::ElementsAre(testing::HasSubstr(path + complaint)));
}

INSTANTIATE_TEST_SUITE_P(
    Arrows, PlantedViolation,
    testing::Values(
        Planted{"Upwards", "src/base/x.cpp", "\n  # include \"quadric/engine/solver.hpp\"  // up\n",
                ":2: room base may not include room engine (quadric/engine/solver.hpp)"},
        Planted{"UpwardsInAngles", "include/quadric/problem/x.hpp",
                "#pragma once\n#include <quadric/engine/solver.hpp>\n",
                ":2: room problem may not include room engine"},
        Planted{"UpwardsByRelativePath", "include/quadric/base/x.hpp",
                "#pragma once\n#include \"../problem/objective.hpp\"\n",
                ":2: room base may not include room problem"},
        Planted{"DerivativesNeedNoLinalg", "src/derivatives/x.cpp", "#include \"linalg/factor.hpp\"\n",
                ":1: room derivatives may not include room linalg"},
        Planted{"SolverIncludedBelow", "src/engine/x.cpp", "#include \"solvers/first_order/descent.cpp\"\n",
                ":1: room engine may not include room solvers"},
        Planted{"InteropAboveProblem", "include/quadric/interop/x.hpp",
                "#pragma once\n#include \"quadric/engine/solver.hpp\"\n",
                ":2: room interop may not include room engine"},
        Planted{"InteropFromLibrary", "src/compare/x.cpp", "#include \"quadric/interop/ceres.hpp\"\n",
                ":1: only solvers/backends may include interop"},
        Planted{"InteropFromSolver", "solvers/second_order/x.cpp", "#include \"quadric/interop/ceres.hpp\"\n",
                ":1: only solvers/backends may include interop"},
        Planted{"InteropFromUmbrella", umbrella, "#pragma once\n#include \"quadric/interop/ceres.hpp\"\n",
                ":2: the umbrella may not include interop"},
        Planted{"CeresFromSolver", "solvers/second_order/x.cpp", "#include <ceres/jet.h>\n",
                ":1: only interop and solvers/backends may name Ceres"},
        Planted{"CodeInUmbrella", umbrella, "#pragma once\nnamespace quadric {}\n",
                ":2: the umbrella holds no code"},
        Planted{"UmbrellaFromLibrary", "src/fit/x.cpp", "#include \"quadric/quadric.hpp\"\n",
                ":1: the library may not include its umbrella"},
        Planted{"PrivateFromPublic", "include/quadric/engine/x.hpp",
                "#pragma once\n#include \"linalg/factor.hpp\"\n",
                ":2: a public header may not include a private one"},
        Planted{"DecompositionFromPublic", "include/quadric/curvature/x.hpp",
                "#pragma once\n#include <Eigen/Dense>\n", ":2: public headers include Eigen/Core"},
        Planted{"UnsupportedEigenFromPublic", "include/quadric/curvature/x.hpp",
                "#pragma once\n#include <unsupported/Eigen/AutoDiff>\n",
                ":2: public headers include Eigen/Core"},
        Planted{"LogFromPublic", "include/quadric/engine/x.hpp", "#pragma once\n#include <spdlog/spdlog.h>\n",
                ":2: public headers keep this library out"},
        Planted{"CliFromPublic", "include/quadric/engine/x.hpp", "#pragma once\n#include <CLI/CLI.hpp>\n",
                ":2: public headers keep this library out"},
        Planted{"JsonFromPublic", "include/quadric/engine/x.hpp",
                "#pragma once\n#include <nlohmann/json_fwd.hpp>\n",
                ":2: public headers keep this library out"},
        Planted{"ParserFromPublic", "include/quadric/problem/x.hpp",
                "#pragma once\n#include <tao/pegtl.hpp>\n", ":2: public headers keep this library out"},
        Planted{"MissingFile", "src/fit/x.cpp", "#include \"quadric/fit/none.hpp\"\n",
                ":1: there is no such file"},
        Planted{"NoPragmaOnce", "src/fit/x.hpp", "// Says what.\n#include <vector>\n#pragma once\n",
                ":1: a header starts with #pragma once"},
        Planted{"UnknownRoom", "src/attic/x.cpp", "int x;\n", ":1: lies in no room"}),
    [](const auto& planted) { return planted.param.name; });

}  // namespace
