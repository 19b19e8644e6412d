#include "vendor.hpp"

namespace loopback {
namespace {

// A body from the wire may hold bytes that are not UTF-8, on which dump() would throw.
std::string text_of(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// By reference all the way: copying a value that a hostile client nested deeply would recurse.
bool is_true(const Json& object, const char* member) {
  if (!object.is_object()) return false;
  const auto found = object.find(member);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::string event(std::string_view name, const Json& data, std::string_view line_end = "\n") {
  std::string text;
  if (!name.empty()) ((text += "event: ") += name) += line_end;
  ((text += "data: ") += text_of(data)) += line_end;
  return text += line_end;
}

// In pieces that end after a blank, so that no character is cut in two.
std::vector<std::string> pieces_of(const std::string& text) {
  std::vector<std::string> pieces;
  for (std::size_t start = 0; start < text.size();) {
    const auto blank = text.find(' ', start);
    const auto end = blank == std::string::npos ? text.size() : blank + 1;
    pieces.push_back(text.substr(start, end - start));
    start = end;
  }
  return pieces;
}

std::vector<std::string> openai_events(const Generation& what, const std::string& text) {
  const auto chunk = [&](const Json& delta, const Json& finish_reason) {
    Json value = {{"id", "chatcmpl-loopback"}, {"object", "chat.completion.chunk"},
                  {"created", 1754000000},     {"model", what.model},
                  {"choices", Json::array({{{"index", 0},
                                            {"delta", delta},
                                            {"logprobs", nullptr},
                                            {"finish_reason", finish_reason}}})}};
    if (what.include_usage) value["usage"] = nullptr;
    return event("", value);
  };
  std::vector<std::string> events;
  events.push_back(chunk({{"role", "assistant"}, {"content", ""}, {"refusal", nullptr}}, nullptr));
  for (const auto& piece : pieces_of(text)) events.push_back(chunk({{"content", piece}}, nullptr));
  events.push_back(chunk(Json::object(), "stop"));
  if (what.include_usage) {
    events.push_back(event(
        "", {{"id", "chatcmpl-loopback"},
             {"object", "chat.completion.chunk"},
             {"created", 1754000000},
             {"model", what.model},
             {"choices", Json::array()},
             {"usage", {{"prompt_tokens", 9}, {"completion_tokens", 1}, {"total_tokens", 10}}}}));
  }
  events.emplace_back("data: [DONE]\n\n");
  return events;
}

Json anthropic_message(const Generation& what, Json content, Json stop_reason) {
  return {{"id", "msg_loopback"},       {"type", "message"},
          {"role", "assistant"},        {"model", what.model},
          {"content", content},         {"stop_reason", stop_reason},
          {"stop_sequence", nullptr},   {"usage", {{"input_tokens", 9}, {"output_tokens", 1}}}};
}

std::vector<std::string> anthropic_events(const Generation& what, const std::string& text) {
  std::vector<std::string> events;
  const auto say = [&](const char* name, Json data) {
    Json value = {{"type", name}};
    value.update(data);
    events.push_back(event(name, value));
  };
  say("message_start", {{"message", anthropic_message(what, Json::array(), nullptr)}});
  say("content_block_start", {{"index", 0}, {"content_block", {{"type", "text"}, {"text", ""}}}});
  say("ping", Json::object());
  for (const auto& piece : pieces_of(text)) {
    say("content_block_delta",
        {{"index", 0}, {"delta", {{"type", "text_delta"}, {"text", piece}}}});
  }
  say("content_block_stop", {{"index", 0}});
  say("message_delta", {{"delta", {{"stop_reason", "end_turn"}, {"stop_sequence", nullptr}}},
                        {"usage", {{"output_tokens", 1}}}});
  say("message_stop", Json::object());
  return events;
}

Json gemini_response(const Generation& what, const std::string& text, bool last) {
  Json candidate = {{"content", {{"parts", Json::array({{{"text", text}}})}, {"role", "model"}}}};
  if (last) candidate["finishReason"] = "STOP";
  candidate["index"] = 0;
  return {{"candidates", Json::array({candidate})},
          {"usageMetadata",
           {{"promptTokenCount", 9}, {"candidatesTokenCount", 1}, {"totalTokenCount", 10}}},
          {"modelVersion", what.model},
          {"responseId", "loopback"}};
}

std::vector<std::string> gemini_events(const Generation& what, const std::string& text) {
  auto pieces = pieces_of(text);
  if (pieces.empty()) pieces.emplace_back();
  std::vector<std::string> events;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const bool last = i + 1 == pieces.size();
    const Json response = gemini_response(what, pieces[i], last);
    if (what.server_sent_events) {
      events.push_back(event("", response, "\r\n"));  // Google ends its lines with CR LF.
    } else {
      events.push_back((i == 0 ? "[" : ",\r\n") + text_of(response) + (last ? "]\n" : ""));
    }
  }
  return events;
}

// The name of the only tool, where the three protocols put it. Who offers several is an agent, which
// would do what a call says, and ask again and again.
std::string only_tool(const Json& body) {
  if (!body.contains("tools") || !body["tools"].is_array() || body["tools"].size() != 1) return {};
  const Json& tool = body["tools"][0];
  const auto name_in = [](const Json& object) {
    return object.is_object() && object.contains("name") && object["name"].is_string()
               ? object["name"].get<std::string>()
               : std::string();
  };
  if (tool.contains("function")) return name_in(tool["function"]);
  if (tool.contains("functionDeclarations"))
    return tool["functionDeclarations"].size() != 1
               ? std::string()
               : name_in(tool["functionDeclarations"][0]);
  return name_in(tool);
}

std::vector<std::string> openai_chunks(const Generation& what, const std::vector<Json>& deltas,
                                       const std::string& finish_reason) {
  std::vector<std::string> events;
  const auto chunk = [&](const Json& delta, const Json& reason) {
    events.push_back(event("", {{"id", "chatcmpl-loopback"},
                                {"object", "chat.completion.chunk"},
                                {"created", 1754000000},
                                {"model", what.model},
                                {"choices", Json::array({{{"index", 0},
                                                          {"delta", delta},
                                                          {"finish_reason", reason}}})}}));
  };
  for (const Json& delta : deltas) chunk(delta, nullptr);
  chunk(Json::object(), finish_reason);
  events.emplace_back("data: [DONE]\n\n");
  return events;
}

std::string anthropic_event(const char* name, const Json& data) {
  Json value = {{"type", name}};
  value.update(data);
  return event(name, value);
}

}  // namespace

std::vector<std::string> tool_call_events(Protocol protocol, const Generation& what) {
  switch (protocol) {
    case Protocol::openai: {
      const Json call = {{"index", 0},
                         {"id", "call_loopback"},
                         {"type", "function"},
                         {"function", {{"name", what.tool}, {"arguments", ""}}}};
      const Json more = {{"index", 0}, {"function", {{"arguments", "{\"ready\":true}"}}}};
      return openai_chunks(what,
                           {{{"role", "assistant"}, {"content", nullptr}},
                            {{"tool_calls", Json::array({call})}},
                            {{"tool_calls", Json::array({more})}}},
                           "tool_calls");
    }
    case Protocol::anthropic:
      return {anthropic_event("message_start",
                              {{"message", anthropic_message(what, Json::array(), nullptr)}}),
              anthropic_event("content_block_start", {{"index", 0},
                                                      {"content_block",
                                                       {{"type", "tool_use"},
                                                        {"id", "toolu_loopback"},
                                                        {"name", what.tool},
                                                        {"input", Json::object()}}}}),
              anthropic_event("content_block_delta",
                              {{"index", 0},
                               {"delta",
                                {{"type", "input_json_delta"},
                                 {"partial_json", "{\"ready\":true}"}}}}),
              anthropic_event("content_block_stop", {{"index", 0}}),
              anthropic_event("message_delta", {{"delta", {{"stop_reason", "tool_use"}}},
                                                {"usage", {{"output_tokens", 9}}}}),
              anthropic_event("message_stop", Json::object())};
    case Protocol::gemini: {
      Json response = gemini_response(what, "", true);
      response["candidates"][0]["content"]["parts"] = Json::array(
          {{{"functionCall", {{"name", what.tool}, {"args", {{"ready", true}}}}}}});
      return {event("", response, "\r\n")};
    }
  }
  return {};
}

std::vector<std::string> silent_events(Protocol protocol, const Generation& what) {
  switch (protocol) {
    case Protocol::openai:
      return openai_chunks(what, {{{"role", "assistant"}, {"content", ""}}}, "length");
    case Protocol::anthropic:
      return {anthropic_event("message_start",
                              {{"message", anthropic_message(what, Json::array(), nullptr)}}),
              anthropic_event("message_stop", Json::object())};
    case Protocol::gemini: {
      Json response = gemini_response(what, "", true);
      response["candidates"][0].erase("content");
      return {event("", response, "\r\n")};
    }
  }
  return {};
}

std::string key_of(const Request& request, Protocol protocol) {
  const auto bearer = [&]() -> std::string {
    const auto value = request.header("authorization");
    return value.starts_with("Bearer ") ? std::string(value.substr(7)) : std::string();
  };
  switch (protocol) {
    case Protocol::openai: return bearer();
    case Protocol::anthropic: {
      const auto key = request.header("x-api-key");
      return key.empty() ? bearer() : std::string(key);
    }
    case Protocol::gemini: return std::string(request.header("x-goog-api-key"));
  }
  return {};
}

Understood understand(const Request& request, const Route& route) {
  const auto complain = [&](const std::string& message) {
    return Understood{std::nullopt, bad_request(route.protocol, message)};
  };
  if (route.protocol == Protocol::anthropic && request.header("anthropic-version").empty()) {
    return complain("anthropic-version: header is required");
  }
  const Json body = Json::parse(request.body, nullptr, false);
  if (!body.is_object()) return complain("We could not parse the JSON body of your request.");

  const char* const contents = route.protocol == Protocol::gemini ? "contents" : "messages";
  if (!body.contains(contents) || !body[contents].is_array() || body[contents].empty()) {
    return complain(std::string(contents) + ": Field required");
  }
  Generation what;
  what.tool = only_tool(body);
  if (route.protocol == Protocol::gemini) {
    what.model = route.model;
    what.stream = route.path.ends_with(":streamGenerateContent");
    what.server_sent_events = route.query.find("alt=sse") != std::string::npos;
    return {what, {}};
  }
  if (!body.contains("model") || !body["model"].is_string()) {
    return complain("model: Field required");
  }
  if (route.protocol == Protocol::anthropic &&
      (!body.contains("max_tokens") || !body["max_tokens"].is_number_unsigned())) {
    return complain("max_tokens: Field required");
  }
  what.model = body["model"].get<std::string>();
  what.stream = is_true(body, "stream");
  what.include_usage = body.contains("stream_options") &&
                       is_true(body["stream_options"], "include_usage");
  return {what, {}};
}

std::vector<std::string> stream_events(Protocol protocol, const Generation& what,
                                       const std::string& text) {
  switch (protocol) {
    case Protocol::openai: return openai_events(what, text);
    case Protocol::anthropic: return anthropic_events(what, text);
    case Protocol::gemini: return gemini_events(what, text);
  }
  return {};
}

Json whole_answer(Protocol protocol, const Generation& what, const std::string& text) {
  switch (protocol) {
    case Protocol::openai:
      return {{"id", "chatcmpl-loopback"},
              {"object", "chat.completion"},
              {"created", 1754000000},
              {"model", what.model},
              {"choices", Json::array({{{"index", 0},
                                        {"message", {{"role", "assistant"}, {"content", text}}},
                                        {"logprobs", nullptr},
                                        {"finish_reason", "stop"}}})},
              {"usage", {{"prompt_tokens", 9}, {"completion_tokens", 1}, {"total_tokens", 10}}}};
    case Protocol::anthropic:
      return anthropic_message(what, Json::array({{{"type", "text"}, {"text", text}}}), "end_turn");
    case Protocol::gemini: return gemini_response(what, text, true);
  }
  return {};
}

Json model_list(Protocol protocol, const std::vector<std::string>& models) {
  Json list = Json::array();
  for (const auto& id : models) {
    switch (protocol) {
      case Protocol::openai:
        list.push_back(
            {{"id", id}, {"object", "model"}, {"created", 1754000000}, {"owned_by", "loopback"}});
        break;
      case Protocol::anthropic:
        list.push_back({{"type", "model"},
                        {"id", id},
                        {"display_name", id},
                        {"created_at", "2025-08-01T00:00:00Z"}});
        break;
      case Protocol::gemini:
        list.push_back({{"name", "models/" + id},
                        {"version", "1"},
                        {"displayName", id},
                        {"supportedGenerationMethods", {"generateContent", "countTokens"}}});
        break;
    }
  }
  switch (protocol) {
    case Protocol::openai: return {{"object", "list"}, {"data", list}};
    case Protocol::anthropic:
      return {{"data", list},
              {"has_more", false},
              {"first_id", models.empty() ? Json() : Json(models.front())},
              {"last_id", models.empty() ? Json() : Json(models.back())}};
    case Protocol::gemini: return {{"models", list}};
  }
  return {};
}

Answer json_answer(int status, const Json& body) {
  return {status, "application/json", text_of(body), {}};
}

}  // namespace loopback
