#include "client/why_command.hpp"

#include "client/characters.hpp"
#include "client/near_names.hpp"
#include "client/output.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

Tone tone_of(Severity severity) {
  switch (severity) {
    case Severity::error: return Tone::bad;
    case Severity::warning: return Tone::warning;
    case Severity::info: return Tone::faint;
  }
  return Tone::plain;
}

std::string_view found_from(Evidence evidence) {
  switch (evidence) {
    case Evidence::files: return "files and the environment, offline";
    case Evidence::answer: return "an answer of the provider";
    case Evidence::either: return "files, and an answer of the provider where it is asked for";
  }
  return "";
}

Json row_json(const Diagnosis& row) {
  return {{"code", row.code},
          {"name", row.name},
          {"severity", severity_name(row.severity)},
          {"foundFrom", found_from(row.evidence)},
          {"title", row.title},
          {"cause", row.cause},
          {"remedy", row.remedy},
          {"detection", row.detection}};
}

std::vector<Line> row_lines(const Diagnosis& row, std::size_t columns) {
  std::vector<Line> lines = {
      {Span{std::string(row.code) + " ", Tone::strong}, Span{std::string(row.title), Tone::strong}},
      line(std::string(row.name) + ", " + std::string(severity_name(row.severity)),
           tone_of(row.severity))};
  const auto add = [&](const char* label, std::string_view text) {
    append(lines, wrapped_after(line(label, Tone::faint), text, columns));
  };
  add("Cause:      ", row.cause);
  add("Remedy:     ", row.remedy);
  add("Told when:  ", row.detection);
  add("Found from: ", found_from(row.evidence));
  return lines;
}

std::vector<Line> catalogue_lines() {
  std::vector<Line> lines;
  for (const Diagnosis& row : diagnoses())
    lines.push_back({Span{std::string(row.code) + "  ", Tone::strong},
                     Span{std::string(row.title), tone_of(row.severity)}});
  return lines;
}

std::string markdown() {
  std::string text =
      "# Diagnoses\n\n"
      "What `qwen-authctl doctor` finds, in the order in which to act: a cause stands before what "
      "comes of\nit. `qwen-authctl why CODE` says the same, without a daemon. This file is the "
      "output of\n`qwen-authctl why --markdown`.\n\n"
      "| code | name | severity | what |\n|---|---|---|---|\n";
  for (const Diagnosis& row : diagnoses()) {
    const std::string code(row.code);
    text += "| [" + code + "](#" + lowered(code) + ") | `" + std::string(row.name) + "` | " +
            std::string(severity_name(row.severity)) + " | " + std::string(row.title) + " |\n";
  }
  for (const Diagnosis& row : diagnoses())
    text += "\n## " + std::string(row.code) + "\n\n**" + std::string(row.title) + "** · `" +
            std::string(row.name) + "` · " + std::string(severity_name(row.severity)) +
            " · found from " + std::string(found_from(row.evidence)) + "\n\n" +
            std::string(row.cause) + "\n\n*What to do:* " + std::string(row.remedy) +
            "\n\n*When it is told:* " + std::string(row.detection) + "\n";
  return text;
}

Fault unknown_code(const std::string& code) {
  std::vector<std::string> all;
  for (const Diagnosis& row : diagnoses()) {
    all.emplace_back(row.code);
    all.emplace_back(row.name);
  }
  const std::vector<std::string> near = near_names(code, all);
  return usage("There is no diagnosis " +
                   (looks_like_key(code) ? "of this code" : printable_line(code)) + ".",
               near.empty() ? "`qwen-authctl why` lists them."
                            : "Did you mean " + alternatives(near) + "?")
      .error();
}

}  // namespace

Outcome<const Diagnosis*> diagnosis_called(const std::string& code) {
  if (const Diagnosis* row = find_diagnosis(code)) return row;
  for (const Diagnosis& row : diagnoses())
    if (row.name == code) return &row;
  return std::unexpected(unknown_code(code));
}

ExitCode run_why(const Arguments& arguments) {
  if (arguments.why.markdown) {
    print_text(markdown());
    return ExitCode::done;
  }
  const std::string& code = arguments.why.code;
  if (code.empty()) {
    if (arguments.json) {
      Json all = Json::array();
      for (const Diagnosis& row : diagnoses()) all.push_back(row_json(row));
      print_json({{"diagnoses", std::move(all)}});
    } else {
      print_lines(STDOUT_FILENO, catalogue_lines());
    }
    return ExitCode::done;
  }
  const auto row = diagnosis_called(code);
  if (!row) return report(row.error(), arguments.json);
  if (arguments.json)
    print_json(row_json(**row));
  else
    print_lines(STDOUT_FILENO, row_lines(**row, output_columns(STDOUT_FILENO)));
  return ExitCode::done;
}

}  // namespace authd::client
