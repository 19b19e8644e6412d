#include "client/decode_command.hpp"

#include <unistd.h>

#include <iostream>

#include "client/daemon_call.hpp"
#include "client/members.hpp"
#include "client/standard_input.hpp"
#include "protocol/limits.hpp"

namespace authd::client {
namespace {

Outcome<Secret> pasted(const std::string& file, SignalInbox& signals) {
  if (file != "-") return read_file(file, signals);
  if (isatty(STDIN_FILENO) == 1)
    std::cerr << "Paste the error or the log, then press Enter and Ctrl-D." << std::endl;
  return read_all(STDIN_FILENO, signals);
}

Outcome<Json> decoded(const Arguments& arguments) {
  SignalInbox signals = command_signals();
  const auto text = pasted(arguments.pasted_file, signals);
  if (!text) return std::unexpected(text.error());
  auto connection = reach_daemon(arguments);
  if (!connection) return std::unexpected(connection.error());
  Json params = {{"text", text->reveal()}, {"context", informed_context(*connection, signals)}};
  if (dump(params).size() + limits::header_bytes_max > limits::message_bytes_max)
    return fault(ExitCode::error, "too_large", "The text is larger than a message may be, 4 MiB.",
                 "Give the part around the error, such as `tail -c 1000000 FILE`.");
  return call(*connection, "doctor.decode", std::move(params), signals);
}

Line headline(const Json& finding) {
  const std::string certainty = shown(finding, "confidence");
  const Tone tone = text_member(finding, "severity") == "error" ? Tone::bad : Tone::warning;
  return {Span{shown(finding, "code") + " ", tone}, Span{shown(finding, "title"), Tone::strong},
          Span{certainty.empty() ? "" : "  (" + certainty + ")", Tone::faint}};
}

std::vector<Line> best_lines(const Json& finding, std::size_t columns) {
  std::vector<Line> lines{headline(finding)};
  const auto add = [&](const Line& lead, const std::string& text, Tone tone = Tone::plain) {
    if (!text.empty()) append(lines, wrapped_after(lead, text, columns, tone));
  };
  add(line("  "), shown(finding, "message"));
  add(line("  → "), shown(finding, "remedy"));
  for (const std::string& words : texts_member(finding, "evidence"))
    add(line("  > ", Tone::faint), printable_line(words), Tone::faint);
  if (const std::string confirm = shown(finding, "confirm"); !confirm.empty())
    add(line("  "), "To be sure: " + confirm);
  if (const std::string code = shown(finding, "code"); !code.empty())
    add(line("  "), "More about it: qwen-authctl why " + code, Tone::faint);
  return lines;
}

}  // namespace

std::vector<Line> decode_lines(const Json& result, std::size_t columns) {
  const Json& findings = list_member(result, "findings");
  if (findings.empty())
    return wrapped_after(line("? ", Tone::warning), shown(result, "hint"), columns);
  std::vector<Line> lines = best_lines(findings.front(), columns);
  for (std::size_t i = 1; i < findings.size(); ++i) {
    if (i == 1) lines.push_back(line("It may also be:"));
    Line lead = headline(findings[i]);
    lead.insert(lead.begin(), Span{"  "});
    lines.push_back(std::move(lead));
    append(lines, wrapped_after(line("    "), shown(findings[i], "message"), columns, Tone::faint));
  }
  return lines;
}

ExitCode run_decode(const Arguments& arguments) {
  const auto result = decoded(arguments);
  const ExitCode exit_code = show(arguments, result, decode_lines);
  const bool is_known = result && !list_member(*result, "findings").empty();
  return exit_code == ExitCode::done && !is_known ? ExitCode::error : exit_code;
}

}  // namespace authd::client
