// Requests that are answered from the settings thread, as most methods are. Io thread only.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/rpc/dispatcher.hpp"
#include "daemon/services.hpp"

namespace authd {

// A job that only reads.
void read_settings(Services& services, std::function<Result<Json>(io::SettingsStore&)> job,
                   rpc::Request request);

// A request that is cancelled before its job begins has changed nothing; later, the normal result
// is answered.
template <class Value>
std::function<Result<Value>(io::SettingsStore&)> unless_cancelled(
    std::function<Result<Value>(io::SettingsStore&)> job, const rpc::Request& request) {
  const auto is_cancelled = std::make_shared<std::atomic<bool>>(false);
  request.cancellation->on_request([is_cancelled] { *is_cancelled = true; });
  return [is_cancelled, job = std::move(job)](io::SettingsStore& store) -> Result<Value> {
    if (*is_cancelled) return fail(ErrorKind::cancelled, "Cancelled before anything was written.");
    return job(store);
  };
}

// A job that writes, unless it is cancelled before: what it saved is told to subscribers and to the
// overlay.
struct Written {
  std::vector<io::Saved> saved;
  Json result;
};
void write_settings(Services& services, std::function<Result<Written>(io::SettingsStore&)> job,
                    rpc::Request request);

// settings_conflict where the caller has looked at another file than the plan was made on.
Result<void> same_file(const std::optional<std::string>& wanted_etag, const core::Plan& plan);

}  // namespace authd
