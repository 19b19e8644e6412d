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

// The same for a place: what the job is given is the environment that judges, and the request's
// params, whose `context` says which it is. A context that cannot be one is refused.
template <class Params, class Value>
using JobAt =
    std::function<Result<Value>(io::SettingsStore&, const core::Environment&, const Params&)>;

template <class Params, class Value>
Result<std::function<Result<Value>(io::SettingsStore&)>> placed_job(const Services& services,
                                                                    Params params,
                                                                    JobAt<Params, Value> job) {
  auto environment = core::judging_environment(params.context, services.environment);
  if (!environment) return std::unexpected(environment.error());
  return [environment = *std::move(environment), job = std::move(job),
          params = std::make_shared<const Params>(std::move(params))](io::SettingsStore& store) {
    return job(store, environment, *params);
  };
}

template <class Params>
void read_at(Services& services, Params params, std::type_identity_t<JobAt<Params, Json>> job,
             rpc::Request request) {
  auto placed = placed_job<Params, Json>(services, std::move(params), std::move(job));
  if (!placed) return request.reply(std::unexpected(placed.error()));
  read_settings(services, *std::move(placed), std::move(request));
}

template <class Params>
void write_at(Services& services, Params params, std::type_identity_t<JobAt<Params, Written>> job,
              rpc::Request request) {
  auto placed = placed_job<Params, Written>(services, std::move(params), std::move(job));
  if (!placed) return request.reply(std::unexpected(placed.error()));
  write_settings(services, *std::move(placed), std::move(request));
}

// settings_conflict where the caller has looked at another file than the plan was made on.
Result<void> same_file(const std::optional<std::string>& wanted_etag, const core::Plan& plan);

}  // namespace authd
