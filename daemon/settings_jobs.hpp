// Requests that are answered from the settings thread, as most methods are. Io thread only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/rpc/dispatcher.hpp"
#include "daemon/services.hpp"

namespace authd {

// A job that only reads.
void read_settings(Services& services, std::function<Result<Json>(io::SettingsStore&)> job,
                   rpc::Request request);

// A job that writes: what it saved is told to subscribers and to the overlay.
struct Written {
  std::vector<io::Saved> saved;
  Json result;
};
void write_settings(Services& services, std::function<Result<Written>(io::SettingsStore&)> job,
                    rpc::Request request);

// settings_conflict where the caller has looked at another file than the plan was made on.
Result<void> same_file(const std::optional<std::string>& wanted_etag, const core::Plan& plan);

}  // namespace authd
