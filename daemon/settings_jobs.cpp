#include "daemon/settings_jobs.hpp"

#include <atomic>
#include <memory>

namespace authd {
namespace {

// Who cancels before the job begins has changed nothing; later, the normal result is answered.
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

}  // namespace

void read_settings(Services& services, std::function<Result<Json>(io::SettingsStore&)> job,
                   rpc::Request request) {
  services.settings.run(std::move(job),
                        [request = std::move(request)](Result<Json> result) mutable {
                          request.reply(std::move(result));
                        });
}

void write_settings(Services& services, std::function<Result<Written>(io::SettingsStore&)> job,
                    rpc::Request request) {
  services.settings.run(std::move(job),
                        [&services, request = std::move(request)](Result<Written> written) mutable {
                          if (!written) return request.reply(std::unexpected(written.error()));
                          for (const io::Saved& saved : written->saved) {
                            services.publish_saved(saved);
                            services.drop_from_overlay(saved.keys);
                          }
                          request.reply(std::move(written->result));
                        });
}

Result<void> same_file(const std::optional<std::string>& wanted_etag, const core::Plan& plan) {
  if (!wanted_etag || *wanted_etag == plan.file.etag) return {};
  return std::unexpected(Error{ErrorKind::settings_conflict,
                               plan.file.path + " has changed since you looked at it.",
                               "etag",
                               "Look at the file as it is now, then try again.",
                               {{"path", plan.file.path}, {"etag", plan.file.etag}}});
}

}  // namespace authd
