// One wizard session of the daemon: its methods by name, its id remembered.
#pragma once

#include <optional>
#include <string>

#include "client/arguments.hpp"
#include "client/connection.hpp"
#include "protocol/secret.hpp"

namespace authd::client {

class Wizard {
 public:
  // `attention` is given to every call, so that Ctrl-C works while the daemon thinks.
  Wizard(Connection& connection, Json context)
      : connection_(connection), context_(std::move(context)) {}

  void set_attention(Attention attention) { attention_ = std::move(attention); }

  // Each answers a State, or {closed: true}.
  Outcome<Json> start(const SetupOptions& options);
  Outcome<Json> submit(const std::string& step, std::optional<Secret> value);
  Outcome<Json> amend(const std::string& step, const std::string& value);
  Outcome<Json> back();
  Outcome<Json> state();

  Outcome<Json> preview(bool repair);
  Outcome<Json> commit(const std::string& check, bool repair, const Attention& attention);
  Outcome<Json> restore(const std::string& snapshot);
  // The models that the endpoint of the answers offers (models.discover).
  Outcome<Json> discover(const Attention& attention);

  // Forgets the session, keys included. Best effort, at most half a second.
  void cancel();

 private:
  Outcome<Json> call(const char* method, Json params);
  std::unexpected<Fault> no_such_flow(const std::string& flow);

  Connection& connection_;
  Json context_;
  Attention attention_;
  std::string session_id_;
};

}  // namespace authd::client
