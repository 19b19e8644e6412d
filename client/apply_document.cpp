#include "client/apply_document.hpp"

#include <algorithm>

#include "client/members.hpp"
#include "protocol/limits.hpp"

namespace authd::client {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
// The request itself and its params stand around the document.
constexpr std::size_t document_depth_max = limits::depth_max - 2;

std::unexpected<Fault> refused(std::string message, Json place, std::string hint = {}) {
  auto refusal = fault(ExitCode::error, "invalid_document", std::move(message), std::move(hint));
  refusal.error().error["data"].update(place);
  return refusal;
}

// In lines and characters, from 1, as editors count.
Json place_of(std::string_view before, const std::string& name) {
  const std::string_view row = before.substr(before.rfind('\n') + 1);
  const auto starts_character = [](unsigned char byte) { return (byte & 0xC0) != 0x80; };
  return {{"path", name},
          {"line", std::ranges::count(before, '\n') + 1},
          {"column", std::ranges::count_if(row, starts_character) + 1}};
}

}  // namespace

Outcome<Json> parse_document(std::string_view text, const std::string& name) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::size_t at = 0;
  auto document =
      parse_json(text, {.depth_max = document_depth_max, .comments = true, .fault_at = &at});
  if (!document && document.error() == JsonFault::too_deep)
    return refused("The document is deeper than 62 levels.", {{"path", name}});
  if (!document) {
    const bool at_bracket = at < text.size() && (text[at] == '}' || text[at] == ']');
    return refused("The document is not valid JSON.", place_of(text.substr(0, at), name),
                   at_bracket ? "A comma before a closing bracket is one too many." : "");
  }
  if (!document->is_object())
    return refused("The document must be a JSON object.", {{"path", name}},
                   "`qwen-authctl apply --help` shows one.");
  return std::move(*document);
}

std::vector<std::string> variables_of(const Json& document) {
  constexpr std::string_view scheme = "env:";
  std::vector<std::string> names;
  for (const Json& provider : list_member(document, "providers"))
    if (const std::string key = text_member(provider, "apiKey"); key.starts_with(scheme))
      names.push_back(key.substr(scheme.size()));
  return names;
}

bool wants_stdin(const Json& document) {
  return std::ranges::any_of(list_member(document, "providers"), [](const Json& provider) {
    return text_member(provider, "apiKey") == "stdin";
  });
}

}  // namespace authd::client
