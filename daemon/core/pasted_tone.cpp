// Whether words about an error are the error, or somebody speaks of it: documentation, a change
// log, a chat, source code.
#include <algorithm>
#include <array>

#include "daemon/core/pasted_text.hpp"
#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

using Tone = PastedText::Tone;

bool is_plain_letter(char c) { return c >= 'a' && c <= 'z'; }

std::string_view without_lead(std::string_view line, std::string_view characters) {
  const std::size_t first = line.find_first_not_of(characters);
  return first == std::string_view::npos ? std::string_view() : line.substr(first);
}

bool starts_with_any(std::string_view line, std::initializer_list<std::string_view> begins) {
  return std::ranges::any_of(begins,
                             [&](std::string_view begin) { return line.starts_with(begin); });
}

// Whether one of the words stands in the text and begins as a word does.
bool has_any_word(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) {
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + 1))
      if (at == 0 || !is_word_character(text[at - 1])) return true;
    return false;
  });
}

// The part of the line that is one sentence with [begin, end): before and behind it.
struct Sentence {
  std::string_view before, behind;
};
Sentence sentence_around(std::string_view line, std::size_t begin, std::size_t end) {
  std::size_t first = begin;
  while (first > 0 && !(line[first - 1] == ' ' && first > 1 &&
                        std::string_view(".?!").find(line[first - 2]) != std::string_view::npos &&
                        (first < 4 || line[first - 4] != '.')))
    --first;
  std::size_t last = end;
  while (last < line.size() &&
         !(std::string_view(".?!").find(line[last]) != std::string_view::npos &&
           (last + 1 == line.size() || line[last + 1] == ' ')))
    ++last;
  return {line.substr(first, begin - first), line.substr(end, last - end)};
}

// Shapes that programs print and nobody writes: members of JSON, and the frame of Qwen Code.
bool has_machine_shape(std::string_view line) {
  return contains_any(line, {"[api error", "\"error\":", "'error':", "\"message\":", "'message':",
                             "\"error\": ", "\"code\":", "'code':", "\\\"message\\\"",
                             "error code: ", "\"detail\":", "\"status_msg\"", "'status_msg'",
                             "request id:", "request_id", "status_code=", "client error '"});
}

// "Error: …", "request failed: …", "[ERROR] …" in front of the words.
bool has_label(std::string_view before) {
  if (contains_any(before, {"报错", "错误：", "\xE2\x9C\x95", "\xE2\x9D\x8C", "[error", "[warn"}))
    return true;
  for (std::size_t colon = before.find(':'); colon != std::string_view::npos;
       colon = before.find(':', colon + 1)) {
    const std::string_view lead = before.substr(0, colon);
    const std::size_t blank = lead.find_last_of(" \n([");
    const std::string_view word = blank == std::string_view::npos ? lead : lead.substr(blank + 1);
    if (contains_any(word, {"error", "exception", "fail", "fatal", "warn", "cause", "reason", "err",
                            "curl", "message", "denied", "exceeded"}))
      return true;
  }
  return false;
}

// Somebody tells what came to themselves.
bool is_own_experience(std::string_view sentence) {
  return has_any_word(
      sentence,
      {"i get",      "i got",       "i'm getting",  "i am getting", "i keep", "i still get",
       "i'm seeing", "i see ",      "i am seeing",  "we get",       "we got", "keeps ",
       "gives me",   "it says",     "tells me",     "throws",       "got ",   "getting",
       "fails with", "failed with", "greeted with", "一直",         "报错",   "提示"});
}

// Rules, advice and descriptions, wherever they stand.
bool is_advice(std::string_view before) {
  return has_any_word(before, {"if you", "when you ", "whenever you", "how do ", "how to ",
                               "explain ", "what does it mean", "for example", "e.g.", "such as"});
}

bool is_general_before(std::string_view before) {
  return has_any_word(
             before,
             {"if ",       "when ",        "whenever ", "means",     "meaning",     "may ",
              "might ",    "could ",       "should ",   "would ",    "usually",     "often",
              "typically", "indicate",     "whether",   "unless",    "either ",     "returns",
              "return ",   "clearer",      "handle",    "handling",  "map ",        "maps ",
              "nicer",     "todo",         "fixme",     "what does", "what should", "difference",
              "used to",   "instead of",   "like ",     "common",    "can be",      "once ",
              "in case",   "improve",      "detect",    "support ",  "treat",       "show ",
              "shows ",    "description:", "see also",  "users ",    "remember",    "last time",
              "fixed a ",  "reasons for",  "usual ",    "better ",   "retries on",  "new: ",
              "as of ",    "you will",     "will be "}) ||
         contains_any(before, {"如果", "会返回", "将返回", "通常", "例如", "表示", "比如"});
}

bool is_general_behind(std::string_view behind) {
  // What a definition goes on with, right behind the words that it is of.
  constexpr std::size_t reach = 40;
  const std::string_view near = behind.substr(0, reach);
  return has_any_word(near, {"means", "mean ", "indicates", "usually", "typically", "occurs",
                             "happens", "is returned", "are returned", "errors ", "message when",
                             "error when", "is shown when", "stands for", "tells you", "was shown",
                             "says that", "are logged", "errors readable"});
}

// Headings, tables, lists and comments of documents.
bool is_document(std::string_view line) {
  if (starts_with_any(
          line, {"#",      "**",        "- **", "* **", "<!--", "> **", "description:", "\"\"\"",
                 "cause:", "solution:", "* @",  "--",   "- `",  "* `",  "- '",          "* '",
                 "given ", "then ",     "<td",  "<tr",  "<li",  "q: ",  "a: ",          "note:"}))
    return true;
  // "2. The model does not exist."
  if (line.size() > 2 && is_digit(line[0]) && line[1] == '.' && line[2] == ' ') return true;
  constexpr std::ptrdiff_t bars_of_table = 3;
  if (contains_any(line, {"\"description\":"})) return true;
  return line.starts_with('|') && std::ranges::count(line, '|') >= bars_of_table;
}

bool is_change(std::string_view line) {
  const bool is_listed = starts_with_any(line, {"- ", "* ", "+ "});
  const std::string_view words = without_lead(line, "-*+ ");
  if (starts_with_any(words, {"fix:", "fix(", "feat:", "feat(", "docs:", "docs(", "chore:",
                              "chore(", "refactor:", "refactor(", "test:", "test(", "perf:"}))
    return true;
  return is_listed && starts_with_any(words, {"fix ", "fixed ", "fixes ", "add ", "added ", "adds ",
                                              "handle ", "improve", "show ", "retry ", "support ",
                                              "remove", "map ", "detect ", "update", "treat "});
}

// A level of a log in front of its words: "2026-05-01T10:00:00Z ERROR …". In the case of the text.
bool is_log_line(std::string_view line) {
  constexpr std::size_t bytes_of_lead = 60;
  const std::string_view lead = line.substr(0, bytes_of_lead);
  if (contains_any(lead, {"ERROR", "WARN", "FATAL", "level=error", "level=warn"})) return true;
  // A date or a time, whatever the level.
  constexpr std::size_t bytes_of_time = 20;
  const std::string_view time = line.substr(0, bytes_of_time);
  return std::ranges::count_if(time, is_digit) >= 6 && std::ranges::count(time, ':') >= 2;
}

// Words in lower case, of letters alone: what sentences are made of.
std::size_t plain_words(std::string_view text) {
  std::size_t words = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_plain_letter(text[end])) ++end;
    const bool is_whole = end > at + 1 && (at == 0 || text[at - 1] == ' ') &&
                          (end == text.size() || text[end] == ' ' || text[end] == ',');
    words += is_whole ? 1U : 0U;
    at = end + 1;
  }
  return words;
}

// `name: "value"` under a name that no error has: a text for people, or a table of texts.
bool is_named_text(std::string_view line) {
  const std::size_t colon = line.find_first_of(":=");
  if (colon == std::string_view::npos) return false;
  std::string_view name = line.substr(0, colon);
  const std::string_view value = without_lead(line.substr(colon + 1), " ");
  const bool is_quoted =
      value.starts_with('"') || value.starts_with('\'') || value.starts_with('`');
  while (!name.empty() && std::string_view("\"' ").find(name.front()) != std::string_view::npos)
    name.remove_prefix(1);
  while (!name.empty() && std::string_view("\"' ").find(name.back()) != std::string_view::npos)
    name.remove_suffix(1);
  const bool is_name = !name.empty() && std::ranges::all_of(name, [](char c) {
    return is_word_character(c) || c == '.' || c == '-' || c == '[' || c == ']';
  });
  const std::size_t end = value.find_last_not_of(" ,;");
  const bool is_whole = is_quoted && end != 0 && value[end] == value.front();
  if (!is_whole || !is_name) return false;
  static constexpr auto names_of_errors = std::to_array<std::string_view>(
      {"message",     "msg",          "error",         "errors",
       "detail",      "details",      "code",          "type",
       "reason",      "status",       "status_msg",    "error_msg",
       "errmsg",      "errormessage", "error_message", "error_description",
       "title",       "body",         "responsebody",  "data",
       "text",        "cause",        "stack",         "err",
       "param",       "errorcode",    "error_code",    "raw",
       "statustext",  "name",         "response",      "output",
       "stderr",      "stdout",       "exception",     "result",
       "lasterror",   "content",      "[cause]",       "status_message",
       "status_name", "statusmessage"});
  return std::ranges::find(names_of_errors, name) == std::end(names_of_errors);
}

bool is_code(std::string_view line) {
  return contains_any(
      line,
      {"errors.new(", "errorf(",  "anyhow!(", "bail!(",    "panic!(",       "new error(", "=> err(",
       "=> {",        "=> '",     "=> \"",    " = {",      "insert into ",  "===",        ">&2",
       ";;",          ".tothrow", "rejects.", "ctx.json(", "static const ", "enum class"});
}

}  // namespace

Tone PastedText::tone_at(std::size_t at, std::size_t size) const {
  const Span span = line_at(at);
  if (is_no_report(span)) return Tone::no_report;
  const std::string_view whole = lower(span);
  const std::string_view line = without_lead(whole, " ");
  const bool is_of_diff = is_diff_ && starts_with_any(line, {"+", "-"});
  if (is_of_diff || is_code(line) || is_named_text(line)) return Tone::no_report;
  // A test that passed, or a part of its name.
  const bool is_in_name = at > 0 && is_word_character(lower_[at - 1]) &&
                          lower_.substr(at, size).find('_') != std::string::npos;
  if (is_in_name || starts_with_any(line, {"\xE2\x9C\x93", "\xE2\x9C\x94", "ok ", "passed"}))
    return Tone::no_report;
  const std::size_t begin = at - span.begin;
  const Sentence sentence = sentence_around(whole, begin, std::min(begin + size, whole.size()));
  if (!has_machine_shape(whole) && is_change(line)) return Tone::no_report;
  if (is_advice(sentence.before)) return Tone::prose;
  if (has_machine_shape(whole)) return Tone::report;
  if (is_document(line)) return Tone::prose;
  if (is_list_of_statuses_) return Tone::prose;
  const int status = status_near(at);
  if (status != 0 && is_own_experience(sentence.before)) return Tone::report;
  if (is_general_behind(sentence.behind)) return Tone::prose;
  const bool is_logged =
      is_log_line(std::string_view(text_).substr(span.begin, span.end - span.begin));
  if (is_logged || has_label(sentence.before)) return Tone::report;
  if (is_general_before(sentence.before)) return Tone::prose;
  const std::string_view next =
      span.end < text_.size() ? lower(line_at(span.end + 1)) : std::string_view();
  if (starts_with_any(next,
                      {"cause:", "solution:", "fix:", "reason and", "overview:", "原因：", "解决"}))
    return Tone::prose;
  // An answer alone, or behind its status, or among what machines print.
  constexpr std::size_t bytes_before = 24, words_of_prose = 5;
  const std::size_t words = plain_words(sentence.before);
  const bool opens_line = sentence.before.size() == begin && words < words_of_prose;
  const bool is_status = size == 3 && is_status_at(at);
  bool is_behind_status = false;
  for (std::size_t i = at > bytes_before ? at - bytes_before : 0; i < at; ++i)
    is_behind_status = is_behind_status || (i >= span.begin && is_digit(lower_[i]) &&
                                            (is_status_at(i) || i == span.begin));
  const bool is_short = words < words_of_prose || plain_words(sentence.behind) < words_of_prose;
  if (opens_line || ((is_status || is_behind_status) && is_short)) return Tone::report;
  return has_machine_shape(lower(lines_around(at))) || starts_with_any(next, {"at "})
             ? Tone::report
             : Tone::unclear;
}

}  // namespace authd::core
