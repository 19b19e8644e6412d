#include "client/wizard.hpp"

#include "client/characters.hpp"
#include "client/members.hpp"
#include "client/near_names.hpp"
#include "client/words.hpp"

namespace authd::client {

Outcome<Json> Wizard::call(const char* method, Json params) {
  if (!session_id_.empty()) params["sessionId"] = session_id_;
  return connection_.call(method, std::move(params), attention_);
}

Outcome<Json> Wizard::start(const SetupOptions& options) {
  Json params = {{"flow", options.flow}, {"scope", options.scope}, {"context", context_}};
  if (!options.key_store.empty()) params["keyStore"] = options.key_store;
  if (!options.key_command.empty()) {
    params["keyStore"] = "command";
    params["keyCommand"] = options.key_command;
  }
  session_id_.clear();
  auto state = call("wizard.start", std::move(params));
  if (state) session_id_ = text_member(*state, "sessionId");
  if (!state && text_member(state.error().data(), "field") == "flow")
    return no_such_flow(options.flow);
  return state;
}

// Names a flow as it is typed.
std::unexpected<Fault> Wizard::no_such_flow(const std::string& flow) {
  std::vector<std::string> flows;
  if (const auto list = call("wizard.flows", Json::object()))
    for (const Json& one : list_member(*list, "flows"))
      if (const std::string id = shown(one, "id"); !id.empty())
        flows.push_back(id == "custom-api-key" ? "custom" : id);
  const std::vector<std::string> near = near_names(flow, flows);
  return usage("There is nothing called `" + printable_line(flow) + "` to set up.",
               (near.empty() ? "" : "Did you mean " + alternatives(near) + "? ") +
                   (flows.empty() ? "" : "There are " + joined(flows, ", ") + "."));
}

Outcome<Json> Wizard::submit(const std::string& step, std::optional<Secret> value) {
  Json params = {{"step", step}};
  if (value) params["value"] = value->reveal();
  return call("wizard.submitStep", std::move(params));
}

Outcome<Json> Wizard::amend(const std::string& step, const std::string& value) {
  return call("wizard.amend", {{"step", step}, {"value", value}});
}

Outcome<Json> Wizard::back() { return call("wizard.back", Json::object()); }
Outcome<Json> Wizard::state() { return call("wizard.state", Json::object()); }

Outcome<Json> Wizard::preview(bool repair) {
  Json params = Json::object();
  if (repair) params["repair"] = true;
  return call("wizard.preview", std::move(params));
}

Outcome<Json> Wizard::commit(const std::string& check, bool repair, const Attention& attention) {
  // The token asks for progress, and with it the daemon gives a slow local model a minute.
  Json params = {{"sessionId", session_id_}, {"check", check}, {"workDoneToken", session_id_}};
  if (repair) params["repair"] = true;
  return connection_.call("wizard.commit", std::move(params), attention);
}

Outcome<Json> Wizard::restore(const std::string& snapshot) {
  return connection_.call("settings.restore", {{"snapshot", snapshot}}, attention_);
}

Outcome<Json> Wizard::discover(const Attention& attention) {
  return connection_.call("models.discover", {{"sessionId", session_id_}, {"context", context_}},
                          attention);
}

void Wizard::cancel() {
  if (session_id_.empty()) return;
  const auto ignored = connection_.call("wizard.cancel", {{"sessionId", session_id_}}, {},
                                        std::chrono::milliseconds(500));
  session_id_.clear();
}

}  // namespace authd::client
