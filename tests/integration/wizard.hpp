// The walk through the custom API key wizard that most tests begin with.
#pragma once

#include "daemon.hpp"

namespace authd::tests {

struct Answers {
  std::string base_url = "http://127.0.0.1:9/v1";
  std::string protocol = "openai";
  std::string model_ids = "m1";
  std::string key = std::string(canary);
  std::string scope = "auto";
  Json context = nullptr;  // nothing: the daemon's own environment judges
};

// Opens a session; the state.
Json start(Client& client, const Answers& answers = {});
Json submit(Client& client, const std::string& session, const std::string& step, const Json& value);

// The id of a session that stands at the review step.
std::string walk_to_review(Client& client, const Answers& answers = {});

Json preview(Client& client, const std::string& session);
// Commits without a check, unless `more` says otherwise.
Json commit(Client& client, const std::string& session, const Json& more = {{"check", "none"}});
Json with(Json object, const Json& more);

// Walks and commits without a check.
Json set_up(Client& client, const Answers& answers = {});

// The writes of the daemon's own, as settings.history lists them; what it had to do after its last
// answer is done then.
Json own_writes(Client& client);

// The codes of warnings, in order.
std::vector<std::string> codes_of(const Json& warnings);

// The plain name by the PRD's formula, for base URLs of ASCII characters.
std::string env_key_of(const std::string& protocol, const std::string& base_url);

}  // namespace authd::tests
