// env.export and env.sync: what leaves the daemon as variables. Io thread only.
#pragma once

#include "daemon/rpc/dispatcher.hpp"
#include "daemon/services.hpp"
#include "protocol/key_messages.hpp"

namespace authd {

class ExportService {
 public:
  explicit ExportService(Services& services) : services_(services) {}
  void bind(rpc::Dispatcher& dispatcher);

 private:
  // What the files say of a place.
  struct Found {
    std::vector<std::string> needed;  // the variables that the selected model's key is read from
    core::Variables effective;        // what Qwen Code has there
    core::NamedKeyCommands commands;
    std::optional<Error> key_file_trouble;  // why there are no commands, though there is a file
    bool has_value(const std::string& name) const;
  };
  struct Gathering;

  void export_variables(EnvExport params, rpc::Request request);
  void sync(EnvSync params, rpc::Request request);
  static Found look(io::SettingsStore& store, const core::Environment& environment,
                    const std::string& key_file);
  // Whether the request has been cancelled meanwhile.
  using Withdrawn = std::shared_ptr<bool>;
  static Withdrawn watch(rpc::Cancellation& cancellation);
  // Runs the commands of these variables, then tells what came of each.
  using Keys = std::map<std::string, Result<KeyCommands::Answer>>;
  void gather(const std::vector<std::string>& names, const core::NamedKeyCommands& commands,
              const core::Environment& environment, rpc::Cancellation& cancellation,
              const Withdrawn& is_withdrawn, std::move_only_function<void(Keys)> then);
  void send(EnvSync params, std::map<std::string, Secret> values, std::vector<std::string> names,
            const core::Environment& environment, rpc::Request request);

  Services& services_;
  std::size_t running_syncs_ = 0;
};

}  // namespace authd
