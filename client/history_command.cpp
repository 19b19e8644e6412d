#include "client/history_command.hpp"

#include <filesystem>

#include "client/caller_context.hpp"
#include "client/daemon_call.hpp"
#include "client/history_view.hpp"
#include "client/member_path.hpp"
#include "client/members.hpp"
#include "client/notices.hpp"
#include "client/standard_input.hpp"

namespace authd::client {
namespace {

ExitCode call_and_show(const Arguments& arguments, const char* method, Json params,
                       const ResultView& view) {
  SignalInbox signals = command_signals();
  const auto result = call_daemon(arguments, method, std::move(params), signals);
  if (result) print_warnings(list_member(*result, "warnings"));
  return show(arguments, result, view);
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
  // The daemon stands elsewhere, and knows each file by one path.
  std::string path;
  if (!options.path.empty())
    path = std::filesystem::absolute(options.path).lexically_normal().string();
  if (!path.empty()) params["path"] = path;
  // `history` itself calls the member env.NAME.
  const std::string in_env = env_name(options.purge);
  const std::string purged = in_env.empty() ? options.purge : in_env;
  if (!purged.empty()) params["purge"] = purged;
  return call_and_show(arguments, "settings.history", std::move(params),
                       [&](const Json& result, std::size_t columns) -> std::vector<Line> {
                         if (purged.empty())
                           return history_lines(result, path, options.limit, columns);
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
