// dotenv reads a file by one regular expression that it applies again and again. This is that
// expression by hand: the names of the functions are those of its parts, from the left.
#include "daemon/core/dotenv.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

bool is_name(char c) { return is_word_character(c) || c == '.' || c == '-'; }

constexpr std::string_view quotes = "'\"`";

// Line breaks as dotenv makes them before it looks at anything else.
std::string with_plain_line_breaks(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    plain += text[i] == '\r' ? '\n' : text[i];
  }
  return plain;
}

void replace_escapes(std::string& value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char next = i + 1 < value.size() ? value[i + 1] : '\0';
    const bool is_escape = value[i] == '\\' && (next == 'n' || next == 'r');
    out += !is_escape ? value[i] : next == 'n' ? '\n' : '\r';
    if (is_escape) ++i;
  }
  value = std::move(out);
}

class DotenvReader {
 public:
  explicit DotenvReader(std::string_view text) : text_(text) {}

  std::vector<DotenvEntry> read() {
    // `at` is where a line begins; one that is empty begins where the next one does.
    for (std::optional<std::size_t> at = 0; at;) {
      const std::size_t begin = skip_spaces(*at);
      if (begin >= text_.size()) break;
      std::optional<std::size_t> end;
      if (const std::size_t name = skip_export(begin); name != begin) end = entry(name);
      if (!end) end = entry(begin);
      at = line_begin(end ? *end : begin + 1);
    }
    return std::move(entries_);
  }

 private:
  // Also behind U+2028 and U+2029, which end a line in a regular expression.
  bool ends_line(std::size_t at) const {
    if (at >= text_.size() || text_[at] == '\n') return true;
    const std::string_view rest = text_.substr(at);
    return rest.starts_with("\u2028") || rest.starts_with("\u2029");
  }
  bool begins_line(std::size_t at) const {
    return at == 0 || text_[at - 1] == '\n' ||
           (at >= 3 && text_[at - 3] != '\n' && ends_line(at - 3));
  }
  // The first at or after `at`.
  std::optional<std::size_t> line_begin(std::size_t at) const {
    if (begins_line(at)) return at;
    while (!ends_line(at)) ++at;
    if (at >= text_.size()) return std::nullopt;
    return at + code_point_at(text_, at).bytes;
  }
  std::size_t skip_spaces(std::size_t at) const {
    while (at < text_.size()) {
      const CodePoint point = code_point_at(text_, at);
      if (!is_js_space(point.value)) break;
      at += point.bytes;
    }
    return at;
  }
  std::size_t skip_export(std::size_t at) const {
    if (!text_.substr(at).starts_with("export")) return at;
    const std::size_t behind = skip_spaces(at + 6);
    return behind > at + 6 ? behind : at;
  }

  // Where the entry ends whose name begins here; nothing where there is none.
  std::optional<std::size_t> entry(std::size_t begin) {
    std::size_t end = begin;
    while (end < text_.size() && is_name(text_[end])) ++end;
    if (end == begin) return std::nullopt;
    const std::size_t equals = skip_spaces(end);
    std::size_t at = 0;
    if (equals < text_.size() && text_[equals] == '=')
      at = equals + 1;
    else if (end < text_.size() && text_[end] == ':' && skip_spaces(end + 1) > end + 1)
      at = end + 1 + code_point_at(text_, end + 1).bytes;
    else
      return std::nullopt;
    DotenvEntry entry{std::string(text_.substr(begin, end - begin)), {}, line_of(begin)};
    std::optional<std::size_t> behind = quoted(at, entry.value);
    if (!behind) behind = unquoted(at, entry.value);
    const std::string_view trimmed = js_trim(entry.value);
    entry.begin = begin;
    entry.value_begin =
        at + (trimmed.empty() ? 0 : static_cast<std::size_t>(trimmed.data() - entry.value.data()));
    entry.value_end = entry.value_begin + trimmed.size();
    entry.value = cleaned(entry.value);
    entries_.push_back(std::move(entry));
    return behind;
  }

  // Where a match ends that has its value before `at`: behind a comment, else at the end of the
  // last of the lines that are empty from here on. Nothing where something else follows.
  std::optional<std::size_t> rest(std::size_t at) const {
    std::optional<std::size_t> line_end;
    while (at < text_.size()) {
      if (ends_line(at)) line_end = at;
      const CodePoint point = code_point_at(text_, at);
      if (!is_js_space(point.value)) break;
      at += point.bytes;
    }
    if (at >= text_.size()) return at;
    if (text_[at] != '#') return line_end;
    while (!ends_line(at)) ++at;
    return at;
  }

  std::optional<std::size_t> quoted(std::size_t at, std::string& value) const {
    const std::size_t open = skip_spaces(at);
    if (open >= text_.size() || !is_quote(text_[open])) return std::nullopt;
    // The first quote that is not escaped closes; where something follows it, an escaped one
    // before it may.
    std::vector<std::size_t> closers;
    for (std::size_t i = open + 1; i < text_.size(); ++i) {
      if (text_[i] != text_[open]) continue;
      closers.push_back(i);
      if (text_[i - 1] != '\\') break;
    }
    for (auto close = closers.rbegin(); close != closers.rend(); ++close)
      if (const auto behind = rest(*close + 1)) {
        value = text_.substr(at, *close + 1 - at);
        return behind;
      }
    return std::nullopt;
  }

  // Always matches: what follows is a comment or the end of the line.
  std::optional<std::size_t> unquoted(std::size_t at, std::string& value) const {
    std::size_t end = at;
    while (end < text_.size() && text_[end] != '\n' && text_[end] != '#') ++end;
    value = text_.substr(at, end - at);
    return rest(end);
  }

  // What dotenv does with what it has matched.
  static std::string cleaned(std::string_view matched) {
    const std::string_view trimmed = js_trim(matched);
    std::string value = without_quotes(trimmed);
    if (trimmed.starts_with('"')) replace_escapes(value);
    return value;
  }

  // Takes away a quote at the beginning of a line and the last one like it that ends a line.
  static std::string without_quotes(std::string_view text) {
    const DotenvReader lines(text);
    // By quote, where that last one stands.
    std::array<std::optional<std::size_t>, quotes.size()> last{};
    for (std::size_t i = 0; i < text.size(); ++i)
      if (is_quote(text[i]) && lines.ends_line(i + 1)) last[quotes.find(text[i])] = i;
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const bool opens = is_quote(text[at]) && lines.begins_line(at);
      const std::size_t close = opens ? last[quotes.find(text[at])].value_or(at) : at;
      if (close > at) {
        out += text.substr(at + 1, close - at - 1);
        at = close + 1;
      } else {
        out += text[at++];
      }
    }
    return out;
  }

  std::size_t line_of(std::size_t offset) {
    line_ += static_cast<std::size_t>(
        std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                   text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
    counted_ = offset;
    return line_;
  }

  std::string_view text_;
  std::size_t counted_ = 0, line_ = 1;
  std::vector<DotenvEntry> entries_;
};

// From offsets in the text with plain line breaks to those in the text itself.
void refer_to(std::string_view text, std::vector<DotenvEntry>& entries) {
  std::size_t plain = 0, original = 0;
  for (DotenvEntry& entry : entries)
    for (std::size_t* offset : {&entry.begin, &entry.value_begin, &entry.value_end}) {
      while (plain < *offset) {
        const bool is_pair = text.substr(original).starts_with("\r\n");
        original += is_pair ? 2 : 1;
        ++plain;
      }
      *offset = original;
    }
}

}  // namespace

std::vector<DotenvEntry> parse_dotenv(std::string_view text) {
  const std::string plain = with_plain_line_breaks(text);
  std::vector<DotenvEntry> entries = DotenvReader(plain).read();
  refer_to(text, entries);
  return entries;
}

}  // namespace authd::core
