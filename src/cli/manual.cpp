#include "cli/manual.hpp"

#include <sstream>
#include <system_error>

#include "quadric/base/misuse.hpp"
#include "quadric/compare/comparison.hpp"
#include "quadric/solvers/minimize.hpp"

#include "cli/version.hpp"
#include "io/atomic_file.hpp"

namespace quadric::cli {

namespace {

std::string page_name(const Help& help) { return help.verb.empty() ? "quadric" : "quadric-" + help.verb; }

/// Text as troff prints it: a hyphen stays one, and no line is a request.
std::string troff(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const bool starts_line = result.empty() || result.back() == '\n';
    if (starts_line && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else if (c == '^') {
      result += "\\(ha";
    } else if (c == '~') {
      result += "\\(ti";
    } else {
      result += c;
    }
  }
  return result;
}

/// In another font: "B" bold, "I" italic.
std::string in_font(const char* font, const std::string& text) {
  std::string result = "\\f";
  return result.append(font).append(troff(text)).append("\\fR");
}
std::string bold(const std::string& text) { return in_font("B", text); }
std::string italic(const std::string& text) { return in_font("I", text); }

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

/// The first sentence's worth: the line of a page that `man -k` shows.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

std::string synopsis(const Help& help) {
  const std::string rest = " [" + italic("OPTION") + "]...";
  if (help.verb.empty()) return bold("quadric") + " " + italic("VERB") + rest;
  std::string line = bold("quadric " + help.verb);
  for (const OptionHelp& option : help.options) {
    if (!option.required && !option.by_place) continue;
    const std::string word =
        option.by_place ? italic(option.names) : bold(option.names) + " " + italic(option.value);
    line.append(option.required ? " " : " [").append(word).append(option.required ? "" : "]");
  }
  return line + rest;
}

std::string section(const std::string& title, const std::string& body) {
  std::string text;
  if (!body.empty()) text.append(".SH ").append(title).append("\n").append(body).append("\n");
  return text;
}

std::string verbatim(const std::string& lines) {
  std::string text;
  if (!lines.empty()) text.append(".nf\n").append(troff(trimmed(lines))).append("\n.fi");
  return text;
}

std::string option_list(const Help& help) {
  std::string list;
  for (const OptionHelp& option : help.options) {
    list.append(".TP\n").append(option.by_place ? italic(option.names) : bold(option.names));
    if (!option.value.empty()) list.append(" ").append(italic(option.value));
    list.append("\n").append(troff(option.text)).append(option.required ? " (required)\n" : "\n");
  }
  return trimmed(list);
}

std::string verb_list(const std::vector<Help>& all) {
  std::string list;
  for (const Help& help : all) {
    if (help.verb.empty()) continue;
    list.append(".TP\n").append(bold("quadric " + help.verb)).append("\n").append(troff(help.about));
    list.append("; see ").append(bold(page_name(help))).append("(1)\n");
  }
  return trimmed(list);
}

std::string see_also(const Help& help, const std::vector<Help>& all) {
  std::string list;
  for (const Help& other : all) {
    if (other.verb == help.verb) continue;
    list.append(list.empty() ? "" : ", ").append(bold(page_name(other))).append("(1)");
  }
  return list;
}

/// The values that an option knows by name.
std::vector<std::string> known_values(const std::string& option) {
  if (option == "--solver" || option == "--solvers") return solver_names();
  if (option == "--suite") return suite_names();
  if (option == "--log-level") return {"trace", "debug", "info", "warn", "error", "off"};
  if (option == "--intervals") return {"linear", "profile"};
  return {};
}

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

/// "-h,--help" → {"-h", "--help"}.
std::vector<std::string> spellings(const OptionHelp& option) {
  std::vector<std::string> names;
  std::istringstream list(option.names);
  for (std::string name; std::getline(list, name, ',');) names.push_back(name);
  return names;
}

constexpr const char* completion_head =
    "# bash completion for quadric\n"
    "_quadric() {\n"
    "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options=\n"
    "  COMPREPLY=()\n"
    "  if ((COMP_CWORD == 1)); then\n";
constexpr const char* completion_end =
    "  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W \"$options\" -- \"$word\")); return; fi\n"
    "  COMPREPLY=($(compgen -f -- \"$word\"))\n"
    "}\n"
    "complete -o filenames -F _quadric quadric\n";

}  // namespace

std::string manual_page(const Help& help, const std::vector<Help>& all) {
  const std::string version = version_text();
  std::string page = ".TH " + troff(page_name(help)) + " 1 \"\" \"" +
                     troff(version.substr(0, version.find('\n'))) + "\" \"User commands\"\n.nh\n.ad l\n";
  page += section("NAME", troff(page_name(help)) + " \\- " + troff(one_line(help.about)));
  page += section("SYNOPSIS", synopsis(help));
  page += section("DESCRIPTION", troff(help.about) + (help.about.ends_with('.') ? "" : "."));
  if (help.verb.empty()) page += section("VERBS", verb_list(all));
  page += section("OPTIONS", option_list(help));
  page += section("NOTES", verbatim(help.notes));
  page += section("EXIT STATUS", troff(trimmed(help.exit_code)));
  page += section("EXAMPLES", verbatim(help.examples));
  return page + section("SEE ALSO", see_also(help, all));
}

std::string bash_completion(const std::vector<Help>& all) {
  std::vector<std::string> verbs;
  std::string options_of, values_of;
  for (const Help& help : all) {
    if (!help.verb.empty()) verbs.push_back(help.verb);
    std::vector<std::string> names;
    for (const OptionHelp& option : help.options) {
      if (option.by_place) continue;
      for (const std::string& name : spellings(option)) names.push_back(name);
      const std::vector<std::string> values = known_values(option.names);
      if (values.empty() || values_of.find(" " + option.names + ")") != std::string::npos) continue;
      values_of.append("    ").append(option.names).append(") COMPREPLY=($(compgen -W \"");
      values_of.append(joined(values)).append("\" -- \"$word\")); return ;;\n");
    }
    if (help.verb.empty()) continue;
    options_of.append("    ")
        .append(help.verb)
        .append(") options=\"")
        .append(joined(names))
        .append("\" ;;\n");
  }
  std::string script = completion_head;
  script.append("    COMPREPLY=($(compgen -W \"").append(joined(verbs));
  script.append(" --help --version\" -- \"$word\"))\n    return\n  fi\n  case $before in\n")
      .append(values_of);
  script.append("  esac\n  case ${COMP_WORDS[1]} in\n").append(options_of).append("  esac\n");
  return script.append(completion_end);
}

void write_manual(const std::vector<Help>& all, const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) misuse("cannot make the folder '" + folder.string() + "': " + error.message());
  for (const Help& help : all) write_file(folder / (page_name(help) + ".1"), manual_page(help, all));
  write_file(folder / "quadric.bash", bash_completion(all));
}

}  // namespace quadric::cli
