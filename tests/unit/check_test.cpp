// What auth.check makes of answers (user-pain-and-diagnoses, 4).
#include <catch2/catch.hpp>

#include "daemon/core/check.hpp"

namespace authd::core {
namespace {

using std::chrono::milliseconds;

const std::string checked_key = "sk-sp-Ab1-cD2_eF3gH4";

ProbeTarget checked(const std::string& protocol, ProbeDepth depth, const std::string& base_url = "https://h.example/v1") {
  ProbeTarget target{protocol, base_url, "m", Secret(std::string_view(checked_key))};
  target.depth = depth;
  return target;
}

Verdict verdict_on(const ProbeTarget& target, int status, const std::string& body, milliseconds latency = milliseconds(40)) {
  HttpResponse response;
  response.status = status;
  response.body = body;
  response.latency = latency;
  if (status == 200) response.first_token = latency;
  response.content_type = "application/json";
  StreamReader stream(target.protocol, target.depth);
  if (status == 200) stream.feed(body);
  stream.finish();
  return judge_depth(classify(target, probe_request(target, {}, milliseconds(8000)), response, stream), target, response, stream);
}

std::string outcome(const Verdict& verdict) {
  return std::string(verdict_state_name(verdict.state)) + (verdict.code.empty() ? "" : " " + verdict.code);
}

Verdict with_state(VerdictState state, int status, std::string code = "") {
  Verdict verdict;
  verdict.state = state;
  verdict.http_status = status;
  verdict.code = std::move(code);
  verdict.base_url = "https://h.example/v1";
  return verdict;
}

}  // namespace

TEST_CASE("an answer passes only with what its depth asks for") {
  struct Row {
    std::string protocol;
    ProbeDepth depth;
    std::string body, outcome;
  };
  const std::string frame = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
  const std::string word = "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n";
  const std::string thought = "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n";
  const std::string call = "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"report_ready\"}}]}}]}\n\n";
  const std::string done = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
  const auto row = GENERATE_COPY(values<Row>({
      {"openai", ProbeDepth::key, frame, "accepted"},
      {"openai", ProbeDepth::model, frame + done, "inconclusive"},
      {"openai", ProbeDepth::model, frame + word, "accepted"},
      {"openai", ProbeDepth::model, frame + thought, "accepted"},
      {"openai", ProbeDepth::model, "{\"choices\":[{\"message\":{\"content\":\"hi\"}}]}", "accepted"},
      {"openai", ProbeDepth::model, "{\"choices\":[{\"message\":{\"content\":\"\"}}]}", "inconclusive"},
      {"openai", ProbeDepth::model, frame + "data: {\"error\":{\"code\":401,\"message\":\"no\"}}\n\n", "rejected K203"},
      {"openai", ProbeDepth::tools, frame + thought + word + done, "accepted_but M502"},
      {"openai", ProbeDepth::tools, frame + thought + call, "accepted"},
      {"openai", ProbeDepth::tools, frame + done, "inconclusive"},
      {"openai", ProbeDepth::tools, "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"name\":\"x\"}}]}}]}", "accepted_but M502"},
      {"anthropic", ProbeDepth::model, "data: {\"type\":\"message_start\",\"message\":{\"content\":[]}}\n\n", "inconclusive"},
      {"anthropic", ProbeDepth::model,
       "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"h\"}}\n\n", "accepted"},
      {"anthropic", ProbeDepth::tools,
       "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":\"tool_use\",\"name\":\"x\"}}\n\n", "accepted"},
      {"anthropic", ProbeDepth::tools,
       "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":\"text\",\"text\":\"no\"}}\n\n", "accepted_but M502"},
      {"gemini", ProbeDepth::model, "data: {\"candidates\":[{\"finishReason\":\"MAX_TOKENS\"}]}\n\n", "inconclusive"},
      {"gemini", ProbeDepth::tools,
       "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"x\"}}]}}]}\n\n", "accepted"},
      {"openai-responses", ProbeDepth::key, "data: {\"type\":\"response.created\",\"response\":{}}\n\n", "accepted"},
      {"openai-responses", ProbeDepth::model, "data: {\"type\":\"response.created\",\"response\":{}}\n\n", "inconclusive"},
      {"openai-responses", ProbeDepth::model, "data: {\"type\":\"response.output_text.delta\",\"delta\":\"h\"}\n\n", "accepted"},
      {"openai-responses", ProbeDepth::tools,
       "data: {\"type\":\"response.output_item.added\",\"item\":{\"type\":\"function_call\"}}\n\n", "accepted"},
  }));
  CAPTURE(row.protocol, depth_name(row.depth), row.body);
  CHECK(outcome(verdict_on(checked(row.protocol, row.depth), 200, row.body)) == row.outcome);
}

TEST_CASE("a refusal that speaks of tools is about the model, but only where tools were asked for") {
  struct Row {
    int status;
    std::string message, outcome;
  };
  const auto row = GENERATE(values<Row>({
      {400, "registry.ollama.ai/library/gemma does not support tools", "accepted_but M502"},
      {404, "No endpoints found that support tool use", "accepted_but M502"},
      {400, "\\\"auto\\\" tool choice requires --enable-auto-tool-choice", "accepted_but M502"},
      {401, "Incorrect API key for this tool", "rejected K203"},
      {400, "max_tokens is too large", "accepted_but M501"},
  }));
  CAPTURE(row.message);
  const std::string body = R"({"error": {"message": ")" + row.message + "\"}}";
  CHECK(outcome(verdict_on(checked("openai", ProbeDepth::tools), row.status, body)) == row.outcome);
  CHECK(outcome(verdict_on(checked("openai", ProbeDepth::key), row.status, body)).find("M502") == std::string::npos);
}

TEST_CASE("the first token is timed in a stream alone, and a slow one is told") {
  const std::string word = "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n";
  Verdict slow = verdict_on(checked("openai", ProbeDepth::model), 200, word, milliseconds(41'000));
  CHECK(slow.first_token == milliseconds(41'000));
  Verdict fine = slow;
  warn_of_slow_token(fine, answer_limit(Json::object()));
  CHECK(fine.code.empty());
  warn_of_slow_token(slow, answer_limit(Json::parse(R"({"generationConfig": {"timeout": 60000}})")));
  CHECK(outcome(slow) == "accepted M504");
  CHECK(slow.hints.front() ==
        "The first token took 41.0 s; Qwen Code gives up after 60.0 s. generationConfig.timeout of the model's entry can be raised.");
  CHECK_FALSE(verdict_on(checked("openai", ProbeDepth::key), 200, word).first_token);
  CHECK_FALSE(verdict_on(checked("openai", ProbeDepth::model), 200, "{\"choices\":[{\"message\":{\"content\":\"hi\"}}]}").first_token);
}

TEST_CASE("only what may be gone in a moment is asked again, and only if there is time") {
  struct Row {
    int status;
    std::string code, retry_after;
    NetworkFault fault;
    int attempts;
    int left;
    std::optional<int> pause;
  };
  const auto none = NetworkFault::none;
  const auto row = GENERATE_COPY(values<Row>({
      {429, "Q601", "2", none, 1, 8000, 2000},
      {429, "Q601", "8", none, 1, 8000, std::nullopt},
      {429, "Q601", "", none, 1, 8000, std::nullopt},
      {429, "Q601", "Wed, 21 Oct 2026 07:28:00 GMT", none, 1, 8000, std::nullopt},
      {429, "Q603", "2", none, 1, 8000, std::nullopt},
      {503, "", "", none, 1, 8000, 250},
      {503, "", "", none, 2, 8000, 750},
      {503, "", "", none, 3, 8000, std::nullopt},
      {503, "", "", none, 1, 600, std::nullopt},
      {503, "", "30", none, 1, 8000, std::nullopt},
      {502, "", "", none, 1, 8000, 250},
      {504, "", "", none, 1, 8000, 250},
      {529, "", "1", none, 1, 8000, 1000},
      {500, "", "", none, 1, 8000, std::nullopt},
      {401, "K203", "1", none, 1, 8000, std::nullopt},
      {403, "M501", "1", none, 1, 8000, std::nullopt},
      {404, "U301", "1", none, 1, 8000, std::nullopt},
      {0, "N704", "", NetworkFault::broken, 1, 8000, 250},
      {0, "N704", "", NetworkFault::dns, 1, 8000, std::nullopt},
      {0, "N704", "", NetworkFault::timeout, 1, 8000, std::nullopt},
      {200, "N704", "", NetworkFault::broken, 1, 8000, std::nullopt},
  }));
  CAPTURE(row.status, row.retry_after, row.attempts, row.left);
  Verdict verdict = with_state(VerdictState::inconclusive, row.status, row.code);
  verdict.fault = row.fault;
  verdict.attempts = row.attempts;
  if (!row.retry_after.empty()) verdict.observed["retryAfter"] = row.retry_after;
  const auto pause = retry_pause(verdict, milliseconds(row.left));
  CHECK(pause.has_value() == row.pause.has_value());
  if (pause && row.pause) CHECK(pause->count() == *row.pause);
}

TEST_CASE("the control key has the looks of the key, and is another one") {
  const std::string random(64, '\x05');
  const auto control = [&](const std::string& key) { return std::string(control_key(Secret(std::string_view(key)), random).reveal()); };
  CHECK(control("sk-sp-Ab1-cD2_eF3") == "sk-sp-Ff5-fF5_fF5");
  CHECK(control("AIzaSy99") == "AIzaFf55");
  // Where chance would give the key itself, one character is another.
  CHECK(control("sk-ffff") == "sk-fffg");
  CHECK(control("ollama-needs-no-key").size() == std::string("ollama-needs-no-key").size());
  CHECK(control("---") != "---");
}

TEST_CASE("no header of the control holds the key") {
  ProbeTarget target = checked("openai", ProbeDepth::tools);
  target.custom_headers = {{"X-Mine", "key=" + checked_key}, {"Authorization", "Basic YWJjOmRlZg"}, {"X-Title", "Qwen Code"}};
  const ProbeTarget control = control_target(target, std::string(control_bytes(target), '\x07'));
  CHECK(control.depth == ProbeDepth::key);
  CHECK(control.key.reveal() != checked_key);
  CHECK(control.custom_headers[0].second.find(checked_key) == std::string::npos);
  CHECK(control.custom_headers[0].second.starts_with("key=sk-sp-"));
  CHECK(control.custom_headers[1].second.starts_with("Basic "));
  CHECK(control.custom_headers[1].second != "Basic YWJjOmRlZg");
  CHECK(control.custom_headers[2].second == "Qwen Code");
}

TEST_CASE("a control that is refused proves the key, one that is answered proves nothing") {
  Verdict good = with_state(VerdictState::accepted, 200);
  apply_control(good, with_state(VerdictState::rejected, 401, "K203"));
  CHECK(good.proven == true);
  CHECK(good.code.empty());

  Verdict open = with_state(VerdictState::accepted, 200);
  apply_control(open, with_state(VerdictState::accepted, 200));
  CHECK(open.proven == false);
  CHECK(outcome(open) == "accepted K204");

  Verdict local = with_state(VerdictState::accepted, 200);
  local.base_url = "http://127.0.0.1:11434/v1";
  apply_control(local, with_state(VerdictState::accepted, 200));
  CHECK(local.proven == false);
  CHECK(outcome(local) == "accepted");
  CHECK(local.hints == std::vector<std::string>{"This server needs no key: a random one is accepted, too."});

  Verdict lost = with_state(VerdictState::accepted, 200);
  apply_control(lost, with_state(VerdictState::inconclusive, 0, "N704"));
  CHECK_FALSE(lost.proven);

  Verdict unknown = with_state(VerdictState::accepted_but, 404, "M501");
  unknown.message = "The key is good, but the provider does not offer this model.";
  apply_control(unknown, with_state(VerdictState::accepted_but, 404, "M501"));
  CHECK(unknown.proven == false);
  CHECK(outcome(unknown) == "accepted_but M501");
  CHECK(unknown.message == "Whatever the key is: the provider does not offer this model.");

  Verdict unpaid = with_state(VerdictState::accepted_but, 402, "Q603");
  apply_control(unpaid, with_state(VerdictState::accepted_but, 429, "Q601"));
  CHECK_FALSE(unpaid.proven);
}

TEST_CASE("private networks and this machine are where a server may need no key") {
  for (const char* url : {"http://localhost:1/v1", "http://[::1]:1/v1", "http://10.1.2.3/v1", "http://172.16.0.1/v1", "http://172.31.9.9/v1",
                          "http://192.168.1.5:8000", "http://ollama:11434/v1", "http://host.docker.internal:1/v1", "http://box.local/v1",
                          "http://[fd00::1]/v1"})
    CHECK(is_private_endpoint(url));
  for (const char* url : {"https://api.openai.com/v1", "http://172.32.0.1/v1", "http://8.8.8.8/v1", "http://10.example.com/v1", "https://local.example/v1"})
    CHECK_FALSE(is_private_endpoint(url));
}

TEST_CASE("a list of models proves a key only if a random key gets none") {
  const ProbeTarget target = checked("openai", ProbeDepth::key);
  Discovery list;
  list.status = DiscoveryStatus::ok;
  list.http_status = 200;
  list.models = {{"text-embedding-3", "", 0}, {"m1", "", 0}};
  Discovery refused;
  refused.status = DiscoveryStatus::rejected;
  refused.http_status = 401;
  CHECK(outcome(verdict_of_list(target, list, refused)) == "accepted");
  CHECK(verdict_of_list(target, list, refused).proven == true);
  CHECK(outcome(verdict_of_list(target, list, list)) == "inconclusive K204");
  CHECK(verdict_of_list(target, list, list).proven == false);
  CHECK(outcome(verdict_of_list(target, list, std::nullopt)) == "inconclusive K204");
  CHECK(outcome(verdict_of_list(target, refused, std::nullopt)) == "rejected K203");
  Discovery missing;
  missing.status = DiscoveryStatus::not_offered;
  missing.http_status = 404;
  CHECK(outcome(verdict_of_list(target, missing, std::nullopt)) == "inconclusive");
  CHECK(model_to_try(list) == "m1");
  CHECK(model_to_try(missing).empty());
}

}  // namespace authd::core
