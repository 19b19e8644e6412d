#include "client/history_command.hpp"

#include <filesystem>

#include "client/caller_context.hpp"
#include "client/daemon_call.hpp"
#include "client/env_path.hpp"
#include "client/history_view.hpp"
#include "client/members.hpp"
#include "client/standard_input.hpp"

namespace authd::client {
namespace {

ExitCode call_and_show(const Arguments& arguments, const char* method, Json params,
                       const ResultView& view) {
  SignalInbox signals = command_signals();
  return show(arguments, call_daemon(arguments, method, std::move(params), signals), view);
}

Json snapshot_params(const SnapshotOptions& options) {
  Json params = Json::object();
  if (!options.snapshot.empty()) params["snapshot"] = options.snapshot;
  if (!options.members.empty()) params["keys"] = options.members;
  return params;
}

}  // namespace

ExitCode run_history(const Arguments& arguments) {
  const HistoryOptions& options = arguments.history;
  Json params = Json::object();
  // The daemon stands elsewhere.
  if (!options.path.empty()) params["path"] = std::filesystem::absolute(options.path).string();
  // `history` itself calls the member env.NAME.
  const std::string in_env = env_name(options.purge);
  const std::string purged = in_env.empty() ? options.purge : in_env;
  if (!purged.empty()) params["purge"] = purged;
  return call_and_show(arguments, "settings.history", std::move(params),
                       [&](const Json& result, std::size_t columns) -> std::vector<Line> {
                         if (purged.empty())
                           return history_lines(result, options.limit, columns);
                         return {purged_line(purged, count_member(result, "purged"))};
                       });
}

ExitCode run_diff(const Arguments& arguments) {
  return call_and_show(arguments, "settings.diff", snapshot_params(arguments.snapshot),
                       snapshot_diff_lines);
}

ExitCode run_undo(const Arguments& arguments) {
  Json params = snapshot_params(arguments.snapshot);
  if (arguments.snapshot.snapshot.empty()) params["context"] = caller_context();
  return call_and_show(arguments, "settings.undo", std::move(params), undo_lines);
}

ExitCode run_restore(const Arguments& arguments) {
  return call_and_show(arguments, "settings.restore", snapshot_params(arguments.snapshot),
                       restore_lines);
}

}  // namespace authd::client
