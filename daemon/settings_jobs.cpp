#include "daemon/settings_jobs.hpp"

namespace authd {

void read_settings(Services& services, std::function<Result<Json>(io::SettingsStore&)> job,
                   rpc::Request request) {
  services.settings.run(std::move(job),
                        [request = std::move(request)](Result<Json> result) mutable {
                          request.reply(std::move(result));
                        });
}

void write_settings(Services& services, std::function<Result<Written>(io::SettingsStore&)> job,
                    rpc::Request request) {
  auto cancellable = unless_cancelled(std::move(job), request);
  services.settings.run(std::move(cancellable),
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
