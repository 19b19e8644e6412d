// The parameters of auth.check (rpc-contract, Verdict).
#pragma once

#include "protocol/context.hpp"

namespace authd {

struct CheckEndpoint {
  std::string protocol = "openai";
  std::string base_url;
  std::optional<Secret> api_key;
  std::string env_key;
  std::string model_id;
  static auto fields() {
    return std::tuple{
        optional("protocol", &CheckEndpoint::protocol, "which protocol the endpoint speaks",
                 {"openai", "openai-responses", "anthropic", "gemini", "vertex-ai"}),
        required("baseUrl", &CheckEndpoint::base_url, "the endpoint"),
        optional("apiKey", &CheckEndpoint::api_key, "the key, which need not be saved anywhere"),
        optional("envKey", &CheckEndpoint::env_key,
                 "the variable that holds the key, as Qwen Code would find it here"),
        optional("modelId", &CheckEndpoint::model_id,
                 "the model to ask; absent = the endpoint's list of models decides")};
  }
};

struct Consent {
  std::vector<std::string> hosts;
  static auto fields() {
    return std::tuple{optional("hosts", &Consent::hosts,
                               "hosts that may get the key, besides those it was set up for")};
  }
};

struct AuthCheck {
  std::optional<ModelChoice> model;
  std::optional<CheckEndpoint> endpoint;
  std::string depth = "key";
  Context context;
  Consent consent;
  Json work_done_token;
  static auto fields() {
    return std::tuple{
        optional("model", &AuthCheck::model,
                 "a configured model; absent = the one that Qwen Code starts with"),
        optional("endpoint", &AuthCheck::endpoint, "an endpoint that need not be configured"),
        optional("depth", &AuthCheck::depth,
                 "what is to be proven: the key, that the model answers, that it calls tools",
                 {"key", "model", "tools"}),
        optional("context", &AuthCheck::context, "where the caller stands"),
        optional("consent", &AuthCheck::consent, "which further hosts may get the key"),
        optional("workDoneToken", &AuthCheck::work_done_token,
                 "asks for $/progress, and for up to 60 s of patience")};
  }
};

}  // namespace authd
