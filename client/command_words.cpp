#include "client/command_words.hpp"

#include <optional>

namespace authd::client {
namespace {

constexpr std::string_view blanks = " \t\n";
constexpr std::string_view for_a_shell = "$`|&;<>()";
constexpr std::string_view for_a_shell_in_quotes = "$`";
constexpr std::string_view escaped_in_quotes = "\"\\$`";

std::unexpected<Fault> needs_shell(char c) {
  return usage(std::string("the command needs a shell for `") + c +
               "`, and none runs it: put it into a script, or into '…' if it means itself");
}

// The text up to the closing quote; `at` ends behind it.
Outcome<std::string> quoted(std::string_view text, std::size_t& at) {
  const char quote = text[at++];
  std::string word;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == quote) return ++at, word;
    const bool is_double = quote == '"';
    if (is_double && c == '\\' && at + 1 < text.size() &&
        escaped_in_quotes.find(text[at + 1]) != std::string_view::npos)
      word += text[++at];
    else if (is_double && for_a_shell_in_quotes.find(c) != std::string_view::npos)
      return needs_shell(c);
    else
      word += c;
  }
  return usage("a quote in the command is not closed");
}

}  // namespace

Outcome<std::vector<std::string>> command_words(std::string_view text) {
  std::vector<std::string> words;
  std::optional<std::string> word;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (blanks.find(c) != std::string_view::npos) {
      if (word) words.push_back(std::move(*word));
      word.reset();
      ++at;
      continue;
    }
    if (for_a_shell.find(c) != std::string_view::npos || (!word && (c == '~' || c == '#')))
      return needs_shell(c);
    if (!word) word.emplace();
    if (c == '\'' || c == '"') {
      auto part = quoted(text, at);
      if (!part) return std::unexpected(part.error());
      *word += *part;
      continue;
    }
    if (c == '\\' && ++at == text.size()) return usage("the command ends with a backslash");
    *word += text[at++];
  }
  if (word) words.push_back(std::move(*word));
  if (words.empty() || words.front().empty()) return usage("it names no program");
  return words;
}

}  // namespace authd::client
