#include "wizard.hpp"

namespace authd::tests {

Json with(Json object, const Json& more) {
  if (more.is_object()) object.update(more);
  return object;
}

Json start(Client& client, const Answers& answers) {
  Json params = {{"flow", "custom-api-key"}, {"scope", answers.scope}};
  if (!answers.context.is_null()) params["context"] = answers.context;
  return client.call("wizard.start", params);
}

Json submit(Client& client, const std::string& session, const std::string& step, const Json& value) {
  Json params = {{"sessionId", session}, {"step", step}};
  if (!value.is_null()) params["value"] = value;
  return client.call("wizard.submitStep", params);
}

std::string walk_to_review(Client& client, const Answers& answers) {
  const std::string session = start(client, answers)["sessionId"];
  submit(client, session, "custom-protocol-select", answers.protocol);
  submit(client, session, "custom-base-url-input", answers.base_url);
  submit(client, session, "custom-api-key-input", answers.key);
  submit(client, session, "custom-model-id-input", answers.model_ids);
  return session;
}

Json preview(Client& client, const std::string& session) {
  return client.call("wizard.preview", {{"sessionId", session}});
}

Json commit(Client& client, const std::string& session, const Json& more) {
  return client.call("wizard.commit", with({{"sessionId", session}}, more));
}

Json set_up(Client& client, const Answers& answers) { return commit(client, walk_to_review(client, answers)); }

Json own_writes(Client& client) {
  const Json snapshots = client.call("settings.history")["snapshots"];
  Json own = Json::array();
  for (const Json& snapshot : snapshots)
    if (snapshot["by"] == "self") own.push_back(snapshot);
  return own;
}

std::vector<std::string> codes_of(const Json& warnings) {
  std::vector<std::string> codes;
  for (const Json& warning : warnings) codes.push_back(warning["code"]);
  return codes;
}

std::string env_key_of(const std::string& protocol, const std::string& base_url) {
  std::string name = "QWEN_CUSTOM_API_KEY_";
  for (const char c : protocol + "_" + base_url) {
    const bool lower = c >= 'a' && c <= 'z', kept = lower || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (kept)
      name += lower ? static_cast<char>(c - 'a' + 'A') : c;
    else if (name.back() != '_')
      name += '_';
  }
  if (name.back() == '_') name.pop_back();
  return name;
}

}  // namespace authd::tests
