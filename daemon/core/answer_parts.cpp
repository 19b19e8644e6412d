// What a model said in an answer, streamed or whole: text, thought, or a call of a tool.
#include <algorithm>

#include "daemon/core/probe.hpp"

namespace authd::core {
namespace {

const Json& member_of(const Json& json, const char* name) {
  static const Json none;
  if (!json.is_object()) return none;
  const auto found = json.find(name);
  return found == json.end() ? none : *found;
}

bool holds_text(const Json& value) {
  return (value.is_string() && !value.get_ref<const std::string&>().empty()) ||
         (value.is_array() && !value.empty());
}

bool has_words(const Json& json, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](const char* name) { return holds_text(member_of(json, name)); });
}

bool is_type(const Json& json, std::string_view name) { return member_of(json, "type") == name; }

AnswerParts parts_of_openai(const Json& answer) {
  AnswerParts parts;
  for (const Json& choice : member_of(answer, "choices"))
    for (const char* name : {"delta", "message"}) {
      const Json& said = member_of(choice, name);
      parts.content = parts.content ||
                      has_words(said, {"content", "reasoning_content", "reasoning", "refusal"});
      for (const Json& call : member_of(said, "tool_calls"))
        parts.tool_call =
            parts.tool_call || holds_text(member_of(member_of(call, "function"), "name"));
    }
  return parts;
}

AnswerParts parts_of_responses(const Json& answer) {
  const Json& type = member_of(answer, "type");
  const std::string name = type.is_string() ? type.get<std::string>() : "";
  AnswerParts parts;
  parts.content = name.ends_with("text.delta") && holds_text(member_of(answer, "delta"));
  parts.tool_call = is_type(member_of(answer, "item"), "function_call");
  for (const Json& item : member_of(answer, "output")) {
    parts.content = parts.content || has_words(item, {"content", "summary"});
    parts.tool_call = parts.tool_call || is_type(item, "function_call");
  }
  return parts;
}

void add_block(AnswerParts& parts, const Json& block) {
  parts.content = parts.content || has_words(block, {"text", "thinking", "data"});
  parts.tool_call = parts.tool_call || is_type(block, "tool_use");
}

AnswerParts parts_of_anthropic(const Json& answer) {
  AnswerParts parts;
  add_block(parts, member_of(answer, "content_block"));
  add_block(parts, member_of(answer, "delta"));
  for (const Json& block : member_of(answer, "content")) add_block(parts, block);
  return parts;
}

AnswerParts parts_of_gemini(const Json& answer) {
  AnswerParts parts;
  if (answer.is_array()) {
    for (const Json& one : answer) {
      const AnswerParts more = parts_of_gemini(one);
      parts = {parts.content || more.content, parts.tool_call || more.tool_call};
    }
    return parts;
  }
  for (const Json& candidate : member_of(answer, "candidates"))
    for (const Json& part : member_of(member_of(candidate, "content"), "parts")) {
      parts.content = parts.content || has_words(part, {"text"});
      parts.tool_call = parts.tool_call || member_of(part, "functionCall").is_object();
    }
  return parts;
}

}  // namespace

AnswerParts answer_parts(std::string_view protocol, const Json& answer) {
  if (protocol == "openai") return parts_of_openai(answer);
  if (protocol == "openai-responses") return parts_of_responses(answer);
  if (protocol == "gemini" || protocol == "vertex-ai") return parts_of_gemini(answer);
  return parts_of_anthropic(answer);
}

}  // namespace authd::core
