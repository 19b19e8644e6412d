#include "daemon/core/pasted_text.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "daemon/core/redact.hpp"
#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

constexpr std::size_t line_bytes_max = 1500;
constexpr std::size_t excerpt_before = 60, excerpt_after = 160;

bool is_decimal(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string utf8(char32_t c) {
  std::string out;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    if (c < 0x10000) {
      out += static_cast<char>(0xE0 | (c >> 12));
    } else {
      out += static_cast<char>(0xF0 | (c >> 18));
      out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    }
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
  return out;
}

// "\u4f59" of JSON; a surrogate is left as it stands.
std::optional<char32_t> escaped_point(std::string_view text, std::size_t at) {
  if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  char32_t value = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const char c = text[i];
    const int digit = is_decimal(c)            ? c - '0'
                      : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                      : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                               : -1;
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<char32_t>(digit);
  }
  if (value >= 0xD800 && value < 0xE000) return std::nullopt;
  return value;
}

// Whether a character is nothing but the space between words: frames and all that cannot be seen.
bool is_space_between(char32_t c) {
  return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || is_js_space(c) || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
         (c >= 0x2500 && c <= 0x257F);
}

// Takes a terminal's escape sequences out of a stream of characters.
class EscapeFilter {
 public:
  // Whether the character belongs to the text.
  bool passes(char32_t c) {
    switch (state_) {
      case State::text:
        if (c == 0x1B) state_ = State::begun;
        return c != 0x1B;
      case State::begun:
        state_ = c == '[' ? State::control : c == ']' ? State::command : State::text;
        return false;
      case State::control:
        if (c >= 0x40 && c <= 0x7E) state_ = State::text;
        return c == '\n' ? (state_ = State::text, true) : false;
      case State::command:
        if (c == 0x07 || c == '\n') state_ = State::text;
        if (c == 0x1B) state_ = State::begun;  // of its end, ESC backslash
        return c == '\n';
    }
    return true;
  }

 private:
  enum class State { text, begun, control, command };
  State state_ = State::text;
};

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> ends) {
  return std::ranges::any_of(ends, [&](std::string_view end) { return text.ends_with(end); });
}

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> begins) {
  return std::ranges::any_of(begins,
                             [&](std::string_view begin) { return text.starts_with(begin); });
}

std::string_view without_end(std::string_view text, std::string_view characters) {
  const std::size_t last = text.find_last_not_of(characters);
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

std::string_view without_begin(std::string_view text, std::string_view characters) {
  const std::size_t first = text.find_first_not_of(characters);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

// A run of sixteen letters and digits or more, of both kinds: an id or a key, and no word.
bool is_random(std::string_view run) {
  constexpr std::size_t bytes_min = 16, digits_min = 3, letters_min = 3;
  return run.size() >= bytes_min &&
         std::ranges::count_if(run, is_decimal) >= static_cast<std::ptrdiff_t>(digits_min) &&
         std::ranges::count_if(run, is_letter) >= static_cast<std::ptrdiff_t>(letters_min);
}

std::string without_random_runs(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && (is_decimal(text[end]) || is_letter(text[end]))) ++end;
    if (end == at) {
      out += text[at++];
      continue;
    }
    out +=
        is_random(text.substr(at, end - at)) ? std::string_view("••••") : text.substr(at, end - at);
    at = end;
  }
  return out;
}

// Whether lines begin with three statuses or more, as the lists of documents do.
bool lists_statuses(std::string_view lower) {
  constexpr std::size_t statuses_min = 3, lead_max = 4, list_bytes_max = 20'000;
  if (lower.size() > list_bytes_max) return false;
  std::vector<std::string_view> listed;
  for (std::size_t at = 0; at < lower.size();) {
    const std::size_t end = std::min(lower.find('\n', at), lower.size());
    const std::string_view line = lower.substr(at, end - at);
    at = end + 1;
    const std::size_t digit = line.find_first_of("0123456789");
    if (digit == std::string_view::npos || digit > lead_max || digit + 4 > line.size()) continue;
    const std::string_view status = line.substr(digit, 3);
    const bool is_status =
        (status[0] == '4' || status[0] == '5') && std::ranges::all_of(status, is_decimal) &&
        !is_decimal(line[digit + 3]) && line[digit + 3] != '.' &&
        line.find('{') == std::string_view::npos && line.find("error: ") == std::string_view::npos;
    if (is_status && std::ranges::find(listed, status) == listed.end()) listed.push_back(status);
  }
  return listed.size() >= statuses_min;
}

// Where a character begins, at or before `at`.
std::size_t character_begin(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

}  // namespace

std::string fit_to_show(std::string_view words, std::size_t bytes_max) {
  return printable(without_random_runs(without_credentials(words)), bytes_max);
}

bool has_random_run(std::string_view words) { return without_random_runs(words) != words; }

PastedText::PastedText(std::string_view raw) {
  EscapeFilter filter;
  bool needs_blank = false, needs_break = false;
  text_.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    CodePoint point = code_point_at(raw, at);
    at += point.bytes;
    if (const auto escaped = escaped_point(raw, point.offset)) {
      point.value = *escaped;
      at = point.offset + 6;
    }
    if (!filter.passes(point.value)) continue;
    if (is_space_between(point.value)) {
      needs_break = needs_break || point.value == '\n';
      needs_blank = true;
      continue;
    }
    if (needs_blank && !text_.empty()) text_ += needs_break ? '\n' : ' ';
    needs_blank = needs_break = false;
    if (point.value == 0x2018 || point.value == 0x2019)
      text_ += '\'';
    else
      text_ += utf8(point.value);
  }
  lower_ = lower_ascii(text_);
  is_diff_ = lower_.starts_with("diff --git ") ||
             contains_any(lower_, {"\ndiff --git ", "\n@@ -"}) || lower_.starts_with("@@ -");
  is_list_of_statuses_ = lists_statuses(lower_);
}

PastedText::Span PastedText::line_at(std::size_t at) const {
  const std::size_t least = at > line_bytes_max ? at - line_bytes_max : 0;
  std::size_t begin = at;
  while (begin > least && text_[begin - 1] != '\n') --begin;
  const std::size_t most = std::min(text_.size(), at + line_bytes_max);
  return {begin, std::min(text_.find('\n', at), most)};
}

PastedText::Span PastedText::lines_around(std::size_t at) const {
  constexpr int lines_before = 3, lines_after = 3;
  Span span = line_at(at);
  for (int i = 0; i < lines_before && span.begin > 0 && text_[span.begin - 1] == '\n'; ++i)
    span.begin = line_at(span.begin - 1).begin;
  for (int i = 0; i < lines_after && span.end < text_.size() && text_[span.end] == '\n'; ++i)
    span.end = line_at(span.end + 1).end;
  return span;
}

bool PastedText::is_status_at(std::size_t at) const {
  constexpr std::size_t context = 40;
  const std::string_view all(lower_);
  if (at + 3 > all.size() || !is_decimal(all[at]) || !is_decimal(all[at + 1]) ||
      !is_decimal(all[at + 2]))
    return false;
  if (all[at] < '4' || all[at] > '5') return false;
  if ((at > 0 && (is_word_character(all[at - 1]) || all[at - 1] == '.')) ||
      (at + 3 < all.size() && is_word_character(all[at + 3])))
    return false;
  const std::size_t begin = at > context ? at - context : 0;
  const std::string_view before = without_end(all.substr(begin, at - begin), " \n\"'=:([{\\>-,|#`");
  const std::string_view after = without_begin(all.substr(at + 3, context), " \n\"'=:)]}\\<-,|`");
  // A field of its own, as in the log of a gateway: "| 401 |".
  if (all.substr(0, at).ends_with("| ") && all.substr(at + 3).starts_with(" |")) return true;
  // Before or behind a request: "404 POST https://…", "POST https://… -> 404".
  if (begins_with_any(after, {"post http", "get http", "post /", "get /"})) return true;
  const std::string_view word = before.substr(before.find_last_of(" \n") + 1);
  if (contains_any(word, {"/chat/completions", "/v1/messages", "/v1/models", "generatecontent"}) &&
      all[at - 1] == ' ')
    return true;
  if (begins_with_any(after, {"unauthorized",
                              "forbidden",
                              "not found",
                              "too many requests",
                              "payment required",
                              "proxy authentication required",
                              "unprocessable",
                              "status code",
                              "page not found",
                              "client error",
                              "bad gateway",
                              "service unavailable",
                              "internal server error",
                              "gateway time",
                              "incorrect api key",
                              "invalid api",
                              "bad request",
                              "insufficient",
                              "no auth",
                              "{\"error",
                              "{\\\"error",
                              "{\"type",
                              "resource has been",
                              "authenticationerror",
                              "invalid access"}))
    return true;
  return ends_with_any(before, {"http",     "http/1.1",  "http/1.0",   "http/2",      "http/3",
                                "http/2.0", "status",    "statuscode", "status_code", "status code",
                                "error",    "errorcode", "error_code", "response",    "returned",
                                "got",      "received",  "with",       "api error",   "answered",
                                "err",      "httpcode",  "http code",  "failed",      "server says",
                                "gets a",   "get a",     "getting a",  " a",          "getting",
                                "\"code",   "\\\"code",  "error code", "\ncode",      " code"}) &&
         !ends_with_any(before, {"exit code", "with a", "area code", "zip code"});
}

int PastedText::status_near(std::size_t at) const {
  const Span around = lines_around(at), line = line_at(at);
  constexpr std::size_t reach = 700, penalty = 300;
  const std::size_t begin = std::max(around.begin, at > reach ? at - reach : 0);
  const std::size_t end = std::min(around.end, at + reach);
  int nearest = 0;
  std::size_t least = std::string::npos;
  for (std::size_t i = begin; i + 3 <= end; ++i) {
    if (lower_[i] != '4' && lower_[i] != '5') continue;
    // "401 Invalid token": at the begin of a line, a status needs no word before it.
    const bool opens_line = (i == 0 || lower_[i - 1] == '\n') && i + 4 < end &&
                            lower_[i + 3] == ' ' &&
                            (is_letter(lower_[i + 4]) || lower_[i + 4] == '{') &&
                            is_decimal(lower_[i + 1]) && is_decimal(lower_[i + 2]);
    if (!opens_line && !is_status_at(i)) continue;
    std::size_t distance = i > at ? i - at : at - i;
    if (i < line.begin || i >= line.end) distance += penalty;
    if (distance >= least) continue;
    least = distance;
    nearest = (lower_[i] - '0') * 100 + (lower_[i + 1] - '0') * 10 + (lower_[i + 2] - '0');
  }
  return nearest;
}

bool PastedText::is_no_report(Span span) const {
  const std::string_view line = without_begin(lower(span), "+ ");
  if (begins_with_any(line,
                      {"if (",    "if(",        "} else",    "else if",      "elif ",
                       "throw ",  "raise ",     "return ",   "case ",        "const ",
                       "let ",    "var ",       "function ", "def ",         "#include",
                       "#define", "//",         "/*",        "assert",       "expect(",
                       "check(",  "check_that", "require(",  "export const", "export function",
                       "func ",   "fn ",        "except ",   "catch (",      "} catch",
                       "for (",   "while (",    "switch (",  "constexpr ",   "test_case(",
                       "it(",     "describe(",  "async ",    "await ",       "console.",
                       "logger.", "log.",       "print(",    "printf(",      "fprintf("}))
    return true;
  const bool is_condition = begins_with_any(line, {"if ", "while "}) && line.ends_with(':');
  const bool is_initializer = line.starts_with('.') && line.size() > 1 && is_letter(line[1]);
  const bool is_literal = line.starts_with('"') && line.find("\":") == std::string_view::npos &&
                          (line.ends_with(',') || line.ends_with(')'));
  if (is_condition || is_initializer || is_literal) return true;
  const bool is_statement =
      (line.ends_with(';') || line.ends_with(") {") || line.ends_with("=> {")) &&
      line.find('(') != std::string_view::npos && !line.starts_with('{') &&
      line.find("error:") == std::string_view::npos;
  if (is_statement) return true;
  const bool is_answer = line.find("\"choices\":") != std::string_view::npos ||
                         line.find("\"candidates\":") != std::string_view::npos;
  return is_answer && line.find("\"error\"") == std::string_view::npos;
}

std::string PastedText::excerpt(std::size_t at, std::size_t size) const {
  const Span line = line_at(at);
  const std::string_view words = std::string_view(text_).substr(line.begin, line.end - line.begin);
  const std::size_t place = at - line.begin;
  std::size_t begin = place > excerpt_before ? place - excerpt_before : 0;
  std::size_t end = std::min(words.size(), place + size + excerpt_after);
  while (begin > 0 && words[begin - 1] != ' ' && place - begin < 2 * excerpt_before) --begin;
  // Never from the middle of a word: what is left of a key would not be told for one.
  if (begin > 0 && words[begin - 1] != ' ') begin = std::min(words.find(' ', begin), place);
  end = character_begin(words, end);
  // Credentials are told from the whole line, because a part of one is none.
  std::string out;
  std::size_t copied = begin;
  for (const Credential& credential : credentials_in(words)) {
    if (credential.end <= begin || credential.body >= end) continue;
    if (credential.body > copied) out.append(words, copied, credential.body - copied);
    out += "••••";
    copied = std::max(copied, credential.end);
  }
  if (copied < end) out.append(words, copied, end - copied);
  return printable(without_random_runs(out), excerpt_before + size + 2 * excerpt_after);
}

}  // namespace authd::core
