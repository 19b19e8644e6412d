#include "client/check_view.hpp"

#include <algorithm>

#include "client/characters.hpp"
#include "client/members.hpp"
#include "client/output.hpp"

namespace authd::client {
namespace {

Line sign_of(const std::string& state) {
  if (state == "accepted") return line("✓ ", Tone::good);
  if (state == "rejected") return line("✗ ", Tone::bad);
  return line("⚠ ", Tone::warning);
}

std::string request_text(const Json& verdict) {
  const Json& request = member(verdict, "request");
  std::string text = shown(request, "method") + " " + shown(request, "url");
  if (const std::size_t status = count_member(verdict, "httpStatus"); status > 0)
    text += " · " + std::to_string(status);
  text += " · " + std::to_string(count_member(verdict, "latencyMs")) + " ms";
  if (const std::size_t attempts = count_member(verdict, "attempts"); attempts > 1)
    text += " · " + std::to_string(attempts) + " attempts";
  return text;
}

std::string key_text(const Json& verdict) {
  const Json& key = member(verdict, "key");
  if (!key.is_object()) return {};
  std::string text = shown(key, "masked") + " (" + shown(key, "fingerprint") + ")";
  if (const std::string source = shown(key, "source"); !source.empty()) text += " from " + source;
  if (const Json& proven = member(verdict, "proven"); proven.is_boolean())
    text += proven.get<bool>() ? " · proven: a random key is refused"
                               : " · not proven: a random key is answered as well";
  return text;
}

void add_labelled(std::vector<Line>& lines, const char* label, const std::string& text,
                  std::size_t columns) {
  if (!text.empty())
    append(lines, wrapped_after(line(label, Tone::faint), text, columns, Tone::faint));
}

}  // namespace

std::vector<Line> check_lines(const Json& verdict, std::size_t columns) {
  const std::string state = text_member(verdict, "state");
  std::string message = shown(verdict, "message");
  if (const std::string code = shown(verdict, "code"); !code.empty()) message += " [" + code + "]";
  std::vector<Line> lines = wrapped_after(sign_of(state), message, columns, Tone::strong);
  if (state != "not_tested") add_labelled(lines, "  Asked: ", request_text(verdict), columns);
  add_labelled(lines, "  Model: ", shown(verdict, "model"), columns);
  add_labelled(lines, "  Key:   ", key_text(verdict), columns);
  for (const Json& answer : list_member(verdict, "sweep"))
    append(lines, wrapped_after(line("  "),
                                shown(answer, "host") + ": " + shown(answer, "state") + " (" +
                                    shown(answer, "label") + ")",
                                columns));
  for (const std::string& hint : texts_member(verdict, "hints"))
    append(lines, wrapped_after(line("  - "), printable_line(said_in_a_shell(hint)), columns));
  return lines;
}

}  // namespace authd::client
