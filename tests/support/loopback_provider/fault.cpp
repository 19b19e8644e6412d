// The vendors' refusals, worded as they word them, because the daemon's verdict reads the words.
#include "vendor.hpp"

namespace loopback {
namespace {

struct Wording {
  int status;
  std::string type;     // OpenAI's `type`, Anthropic's `type`, Gemini's `status`
  std::string code;     // OpenAI's `code`, Gemini's `details[].reason`; empty where there is none
  std::string message;
};

Wording openai(Fault fault, const std::string& model) {
  const std::string invalid = "invalid_request_error";
  switch (fault) {
    case Fault::bad_key:
      return {401, invalid, "invalid_api_key",
              "Incorrect API key provided. You can find your API key at "
              "https://platform.openai.com/account/api-keys."};
    case Fault::forbidden_key:
      return {403, "permission_error", "invalid_api_key", "Invalid API-key provided."};
    case Fault::forbidden:
      return {403, "AccessDenied.Unpurchased", "AccessDenied.Unpurchased",
              "Access to model denied. Please make sure you are eligible for using the model."};
    case Fault::unknown_model:
      return {404, invalid, "model_not_found",
              "The model `" + model + "` does not exist or you do not have access to it."};
    case Fault::bad_request:
      return {400, invalid, "unsupported_parameter",
              "Unsupported parameter: 'max_tokens' is not supported with this model. "
              "Use 'max_completion_tokens' instead."};
    case Fault::bad_key_400: return {400, invalid, "invalid_api_key", "Invalid API key."};
    case Fault::no_tools:
      return {400, invalid, "", "registry.ollama.ai/library/" + model + " does not support tools"};
    case Fault::unpaid:
      return {402, "unknown_error", "invalid_request_error", "Insufficient Balance"};
    case Fault::rate_limit:
      return {429, "requests", "rate_limit_exceeded",
              "Rate limit reached for `" + model + "` on requests per min. Try again in 7s."};
    case Fault::quota:
      return {429, "insufficient_quota", "insufficient_quota",
              "You exceeded your current quota, please check your plan and billing details."};
    case Fault::plan:
      return {429, "", "1113", "Insufficient balance or no resource package. Please recharge."};
    case Fault::internal:
      return {500, "server_error", "", "The server had an error while processing your request."};
    case Fault::unavailable:
      return {503, "service_unavailable", "", "The engine is currently overloaded."};
    case Fault::overloaded: return {529, "overloaded_error", "", "Overloaded"};
  }
  return {};
}

Wording anthropic(Fault fault, const std::string& model) {
  switch (fault) {
    case Fault::bad_key: return {401, "authentication_error", "", "invalid x-api-key"};
    case Fault::forbidden_key:
      return {403, "permission_error", "", "Your api-key is invalid or was disabled."};
    case Fault::forbidden:
      return {403, "permission_error", "",
              "Access to model denied. Please make sure you are eligible for using the model."};
    case Fault::unknown_model: return {404, "not_found_error", "", "model: " + model};
    case Fault::bad_request:
      return {400, "invalid_request_error", "", "messages: roles must alternate"};
    case Fault::bad_key_400: return {400, "invalid_request_error", "", "Invalid API key."};
    case Fault::no_tools:
      return {400, "invalid_request_error", "", "tools: not supported by this model"};
    case Fault::unpaid:
      return {402, "billing_error", "", "Your account has a billing issue. Check your payment."};
    case Fault::rate_limit:
      return {429, "rate_limit_error", "",
              "This request would exceed your organization's rate limit."};
    case Fault::quota:
      return {429, "insufficient_quota", "",
              "You exceeded your current quota, please check your plan and billing details."};
    case Fault::plan:
      return {429, "rate_limit_error", "1113",
              "Insufficient balance or no resource package. Please recharge."};
    case Fault::internal: return {500, "api_error", "", "Internal server error"};
    case Fault::unavailable: return {503, "api_error", "", "Service unavailable"};
    case Fault::overloaded: return {529, "overloaded_error", "", "Overloaded"};
  }
  return {};
}

Wording gemini(Fault fault, const std::string& model) {
  switch (fault) {
    case Fault::bad_key:
      return {401, "UNAUTHENTICATED", "ACCESS_TOKEN_TYPE_UNSUPPORTED",
              "Request had invalid authentication credentials. Expected OAuth 2 access token, "
              "login cookie or other valid authentication credential."};
    case Fault::forbidden_key:
      return {403, "PERMISSION_DENIED", "API_KEY_SERVICE_BLOCKED",
              "Your API key was reported as leaked. Please use another API key."};
    case Fault::forbidden:
      return {403, "PERMISSION_DENIED", "SERVICE_DISABLED",
              "Generative Language API has not been used in project 42 before or it is disabled."};
    case Fault::unknown_model:
      return {404, "NOT_FOUND", "",
              "models/" + model + " is not found for API version v1beta, or is not supported for "
              "generateContent. Call ListModels to see the list of available models."};
    case Fault::bad_request:
      return {400, "INVALID_ARGUMENT", "",
              "* GenerateContentRequest.contents: contents is invalid"};
    case Fault::bad_key_400:
      return {400, "INVALID_ARGUMENT", "API_KEY_INVALID",
              "API key not valid. Please pass a valid API key."};
    case Fault::no_tools:
      return {400, "INVALID_ARGUMENT", "", "Function calling is not enabled for models/" + model};
    case Fault::unpaid:
      return {402, "FAILED_PRECONDITION", "", "Billing is not enabled for this project."};
    case Fault::rate_limit:
      return {429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED",
              "Resource has been exhausted (e.g. check rate limits). Please retry in 7s."};
    case Fault::quota:
      return {429, "RESOURCE_EXHAUSTED", "",
              "You exceeded your current quota (insufficient_quota), please check your plan and "
              "billing details."};
    case Fault::plan:
      return {429, "RESOURCE_EXHAUSTED", "1113",
              "Insufficient balance or no resource package. Please recharge."};
    case Fault::internal: return {500, "INTERNAL", "", "An internal error has occurred."};
    case Fault::unavailable:
      return {503, "UNAVAILABLE", "", "The model is overloaded. Please try again later."};
    case Fault::overloaded: return {529, "UNAVAILABLE", "", "The model is overloaded."};
  }
  return {};
}

Wording wording_of(Protocol protocol, Fault fault, const std::string& model) {
  switch (protocol) {
    case Protocol::openai: return openai(fault, model);
    case Protocol::anthropic: return anthropic(fault, model);
    case Protocol::gemini: return gemini(fault, model);
  }
  return {};
}

Json shaped(Protocol protocol, const Wording& wording) {
  switch (protocol) {
    case Protocol::openai: {
      Json error = {{"message", wording.message},
                    {"type", wording.type},
                    {"param", nullptr},
                    {"code", wording.code.empty() ? Json() : Json(wording.code)}};
      // Z.ai, whose code this is, sends neither a type nor a param.
      if (wording.type.empty()) error = {{"code", wording.code}, {"message", wording.message}};
      return {{"error", error}};
    }
    case Protocol::anthropic: {
      Json error = {{"type", wording.type}, {"message", wording.message}};
      if (!wording.code.empty()) error["code"] = wording.code;
      return {{"type", "error"}, {"error", error}, {"request_id", "req_loopback"}};
    }
    case Protocol::gemini: {
      Json error = {{"code", wording.status},
                    {"message", wording.message},
                    {"status", wording.type}};
      if (!wording.code.empty()) {
        error["details"] = Json::array({{{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
                                         {"reason", wording.code},
                                         {"domain", "googleapis.com"}}});
      }
      return {{"error", error}};
    }
  }
  return {};
}

}  // namespace

Answer fault_answer(Protocol protocol, Fault fault, const std::string& model,
                    const std::string& message) {
  Wording wording = wording_of(protocol, fault, model);
  if (!message.empty()) wording.message = message;
  Answer answer = json_answer(wording.status, shaped(protocol, wording));
  if (fault == Fault::rate_limit) answer.headers.emplace_back("Retry-After", "7");
  return answer;
}

std::string fault_event(Protocol protocol, Fault fault, const std::string& model) {
  const Json body = shaped(protocol, wording_of(protocol, fault, model));
  const std::string data =
      "data: " + body.dump(-1, ' ', false, Json::error_handler_t::replace);
  switch (protocol) {
    case Protocol::openai: return data + "\n\n";
    case Protocol::anthropic: return "event: error\n" + data + "\n\n";
    case Protocol::gemini: return data + "\r\n\r\n";
  }
  return {};
}

Answer bad_request(Protocol protocol, const std::string& message) {
  return fault_answer(protocol, Fault::bad_request, "", message);
}

}  // namespace loopback
