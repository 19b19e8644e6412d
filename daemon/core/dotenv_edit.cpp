#include "daemon/core/dotenv_edit.hpp"

#include <algorithm>
#include <optional>

#include "daemon/core/dotenv.hpp"
#include "daemon/core/refusal.hpp"
#include "daemon/core/settings_rules.hpp"
#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

// A word that means itself to Node's dotenv, to a shell that sources the file, and to the others
// that read .env files.
bool is_plain_value(std::string_view value) {
  return !value.empty() && std::ranges::all_of(value, [](char c) {
    return is_alphanumeric(c) || std::string_view("_-./:+@%,=").find(c) != std::string_view::npos;
  });
}

bool reads_back(const std::string& source, std::string_view value) {
  const auto entries = parse_dotenv("A=" + source + "\n");
  return entries.size() == 1 && entries.front().value == value;
}

std::string with_breaks_escaped(std::string_view value) {
  std::string text;
  for (const char c : value) text += c == '\n' ? "\\n" : c == '\r' ? "\\r" : std::string(1, c);
  return text;
}

// Single quotes first: between them nothing has a meaning to anybody. A quote inside itself is not
// written, although Node's dotenv would read it: others would not.
std::optional<std::string> quoted(std::string_view value) {
  if (is_plain_value(value)) return std::string(value);
  for (const char quote : {'\'', '"', '`'}) {
    if (value.find(quote) != std::string_view::npos) continue;
    // As it is, a carriage return becomes a line feed.
    if (quote != '"' && value.find('\r') != std::string_view::npos) continue;
    const std::string inner = quote == '"' ? with_breaks_escaped(value) : std::string(value);
    std::string source = quote + inner + quote;
    if (reads_back(source, value)) return source;
  }
  return std::nullopt;
}

std::string line_break_of(std::string_view text) {
  const std::size_t end = text.find('\n');
  return end != std::string_view::npos && end > 0 && text[end - 1] == '\r' ? "\r\n" : "\n";
}

// What the names stand for, and in which order they were assigned.
bool says(std::string_view text, const std::vector<DotenvEntry>& expected) {
  return std::ranges::equal(parse_dotenv(text), expected,
                            [](const DotenvEntry& a, const DotenvEntry& b) {
                              return a.name == b.name && a.value == b.value;
                            });
}

std::unexpected<Error> strange_file() {
  return value_refused(
      "The .env file is written in a way that an edit would change more than the one "
      "variable: a quote in it may be left open.",
      "Mend the file by hand. Nothing was changed.");
}

}  // namespace

Result<std::string> set_in_dotenv(std::string_view text, const std::string& name,
                                  std::string_view value) {
  const auto source = quoted(value);
  if (!source || !usable_variable_name(name))
    return value_refused("The value cannot be written into a .env file so that it is read back.",
                         "Keep it in settings.json, or let a command print it.");
  std::vector<DotenvEntry> entries = parse_dotenv(text);
  const auto last = std::find_if(entries.rbegin(), entries.rend(),
                                 [&](const DotenvEntry& entry) { return entry.name == name; });
  std::string edited(text);
  if (last != entries.rend()) {
    if (last->value == value) return edited;
    edited.replace(last->value_begin, last->value_end - last->value_begin, *source);
    last->value = value;
  } else {
    const std::string line_break = line_break_of(text);
    if (!edited.empty() && !edited.ends_with('\n')) edited += line_break;
    edited += name + "=" + *source + line_break;
    entries.push_back({name, std::string(value)});
  }
  if (!says(edited, entries)) return strange_file();
  return edited;
}

Result<std::string> remove_from_dotenv(std::string_view text, const std::string& name) {
  std::vector<DotenvEntry> entries = parse_dotenv(text);
  std::string edited(text);
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (entry->name != name) continue;
    const std::size_t before = edited.find_last_of("\r\n", entry->begin);
    const std::size_t begin = before == std::string::npos || entry->begin == 0 ? 0 : before + 1;
    std::size_t end = std::min(edited.find_first_of("\r\n", entry->value_end), edited.size());
    if (edited.substr(end).starts_with("\r\n"))
      end += 2;
    else if (end < edited.size())
      ++end;
    edited.erase(begin, end - begin);
  }
  std::erase_if(entries, [&](const DotenvEntry& entry) { return entry.name == name; });
  if (!says(edited, entries)) return strange_file();
  return edited;
}

}  // namespace authd::core
