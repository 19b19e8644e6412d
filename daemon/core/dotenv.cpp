#include "daemon/core/dotenv.hpp"

#include <algorithm>

#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_line_break(char c) { return c == '\n' || c == '\r'; }
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    // JavaScript's white space, which dotenv skips, has the byte order mark in it.
    if (text_.starts_with("\xEF\xBB\xBF")) skipped_ = 3;
    text_.remove_prefix(skipped_);
  }

  std::vector<DotenvEntry> read() {
    while (at_ < text_.size()) {
      const std::size_t line_begin = at_;
      if (!entry()) at_ = line_begin;
      while (at_ < text_.size() && !is_line_break(text_[at_])) ++at_;
      while (at_ < text_.size() && is_line_break(text_[at_])) ++at_;
    }
    return std::move(entries_);
  }

 private:
  std::size_t skip_spaces(std::size_t at) const {
    while (at < text_.size() && is_space(text_[at])) ++at;
    return at;
  }
  std::size_t skip_name(std::size_t at) const {
    while (at < text_.size() && is_name(text_[at])) ++at;
    return at;
  }
  // Nothing but blanks and a comment up to the end of the line.
  bool line_ends(std::size_t at) const {
    while (at < text_.size() && is_space(text_[at]) && !is_line_break(text_[at])) ++at;
    return at >= text_.size() || is_line_break(text_[at]) || text_[at] == '#';
  }

  bool entry() {
    std::size_t begin = skip_spaces(at_);
    if (text_.substr(begin).starts_with("export") && begin + 6 < text_.size() &&
        is_space(text_[begin + 6]))
      begin = skip_spaces(begin + 6);
    const std::size_t end = skip_name(begin);
    if (end == begin) return false;
    DotenvEntry entry{std::string(text_.substr(begin, end - begin)), {}, line_of(begin)};
    const std::size_t equals = skip_spaces(end);
    if (equals < text_.size() && text_[equals] == '=')
      at_ = equals + 1;
    else if (end + 1 < text_.size() && text_[end] == ':' && is_space(text_[end + 1]))
      at_ = end + 2;
    else
      return false;
    entry.begin = skipped_ + begin;
    if (!quoted(entry)) unquoted(entry);
    entries_.push_back(std::move(entry));
    return true;
  }

  bool quoted(DotenvEntry& entry) {
    std::string& value = entry.value;
    const std::size_t open = skip_spaces(at_);
    if (open >= text_.size()) return false;
    const char quote = text_[open];
    if (quote != '\'' && quote != '"' && quote != '`') return false;
    // The first quote that is not escaped closes; where the line goes on behind it, an escaped
    // one before it may.
    std::vector<std::size_t> closers;
    for (std::size_t i = open + 1; i < text_.size(); ++i) {
      if (text_[i] != quote) continue;
      closers.push_back(i);
      if (text_[i - 1] != '\\' || i - 1 == open) break;
    }
    const auto close = std::find_if(closers.rbegin(), closers.rend(),
                                    [this](std::size_t i) { return line_ends(i + 1); });
    if (close == closers.rend()) return false;
    value = text_.substr(open + 1, *close - open - 1);
    at_ = *close + 1;
    entry.value_begin = skipped_ + open;
    entry.value_end = skipped_ + at_;
    if (quote == '"') expand(value);
    return true;
  }

  void unquoted(DotenvEntry& entry) {
    std::string& value = entry.value;
    std::size_t end = at_;
    while (end < text_.size() && !is_line_break(text_[end]) && text_[end] != '#') ++end;
    const std::string_view trimmed = js_trim(text_.substr(at_, end - at_));
    entry.value_begin =
        skipped_ +
        (trimmed.empty() ? at_ : static_cast<std::size_t>(trimmed.data() - text_.data()));
    entry.value_end = entry.value_begin + trimmed.size();
    value = trimmed;
    at_ = end;
    // A value that both begins and ends with the same quote loses them even here.
    const bool both = value.size() >= 2 && value.front() == value.back() &&
                      (value[0] == '\'' || value[0] == '"' || value[0] == '`');
    if (!both) return;
    const char quote = value[0];
    value = value.substr(1, value.size() - 2);
    if (quote == '"') expand(value);
  }

  static void expand(std::string& value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const char next = i + 1 < value.size() ? value[i + 1] : '\0';
      if (value[i] == '\\' && (next == 'n' || next == 'r')) {
        out += next == 'n' ? '\n' : '\r';
        ++i;
      } else {
        out += value[i];
      }
    }
    value = std::move(out);
  }

  std::size_t line_of(std::size_t offset) {
    line_ += static_cast<std::size_t>(
        std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                   text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
    counted_ = offset;
    return line_;
  }

  std::string_view text_;
  std::size_t at_ = 0, counted_ = 0, line_ = 1;
  std::size_t skipped_ = 0;  // bytes before text_
  std::vector<DotenvEntry> entries_;
};

}  // namespace

std::vector<DotenvEntry> parse_dotenv(std::string_view text) { return Reader(text).read(); }

}  // namespace authd::core
