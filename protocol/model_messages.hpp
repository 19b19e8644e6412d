// The parameters of models.* and auth.logout (rpc-contract, Models and providers).
#pragma once

#include "protocol/context.hpp"

namespace authd {

struct ModelsSelect {
  std::string protocol;
  std::string id;
  std::string base_url;
  std::string scope = "auto";
  std::optional<std::string> etag;
  bool repair = false;
  Context context;
  static auto fields() {
    return std::tuple{
        required("protocol", &ModelsSelect::protocol,
                 "the key under modelProviders, or the protocol it stands for"),
        required("id", &ModelsSelect::id, "the model's id"),
        optional("baseUrl", &ModelsSelect::base_url, "which endpoint, where several have the id"),
        optional("scope", &ModelsSelect::scope, "where to save; \"auto\" is Qwen Code's own rule",
                 {"auto", "user", "workspace"}),
        optional("etag", &ModelsSelect::etag, "refuse if the file is no longer this one"),
        optional("repair", &ModelsSelect::repair,
                 "remove trailing commas first, in the same write"),
        optional("context", &ModelsSelect::context, "where the caller stands")};
  }
};

struct ModelsRemove {
  std::string protocol;
  std::string id;
  std::string base_url;
  std::optional<std::string> etag;
  bool repair = false;
  Context context;
  static auto fields() {
    return std::tuple{
        required("protocol", &ModelsRemove::protocol,
                 "the key under modelProviders, or the protocol it stands for"),
        required("id", &ModelsRemove::id, "the model's id"),
        optional("baseUrl", &ModelsRemove::base_url, "which endpoint, where several have the id"),
        optional("etag", &ModelsRemove::etag, "refuse if the file is no longer this one"),
        optional("repair", &ModelsRemove::repair,
                 "remove trailing commas first, in the same write"),
        optional("context", &ModelsRemove::context, "where the caller stands")};
  }
};

struct DiscoverEndpoint {
  std::string protocol = "openai";
  std::string base_url;
  std::optional<Secret> api_key;
  std::string env_key;
  static auto fields() {
    return std::tuple{
        optional("protocol", &DiscoverEndpoint::protocol, "which protocol the endpoint speaks",
                 {"openai", "anthropic", "gemini"}),
        required("baseUrl", &DiscoverEndpoint::base_url, "the endpoint"),
        optional("apiKey", &DiscoverEndpoint::api_key, "the key; absent = none is sent"),
        optional("envKey", &DiscoverEndpoint::env_key,
                 "the variable that holds the key, as Qwen Code would find it here")};
  }
};
struct ModelsDiscover {
  std::optional<DiscoverEndpoint> endpoint;
  std::string session_id;
  Context context;
  static auto fields() {
    return std::tuple{
        optional("endpoint", &ModelsDiscover::endpoint,
                 "whom to ask; absent = the session's endpoint, or that of the active model"),
        optional("sessionId", &ModelsDiscover::session_id,
                 "a wizard session whose base URL and key have been answered"),
        optional("context", &ModelsDiscover::context, "where the caller stands")};
  }
};

struct AuthLogout {
  std::string provider;
  bool purge = false;
  Context context;
  static auto fields() {
    return std::tuple{
        optional("provider", &AuthLogout::provider,
                 "a provider's id, a variable's name or a base URL; absent = the active model's"),
        optional("purge", &AuthLogout::purge, "remove the key from the snapshots, too"),
        optional("context", &AuthLogout::context, "where the caller stands")};
  }
};

}  // namespace authd
