#include "daemon/settings_service.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "daemon/core/declaration.hpp"
#include "daemon/core/endpoint.hpp"
#include "daemon/core/settings_merge.hpp"
#include "daemon/core/settings_undo.hpp"
#include "daemon/io/file.hpp"
#include "daemon/wire.hpp"
#include "protocol/limits.hpp"

namespace authd {
namespace {

using Freshness = io::SettingsStore::Freshness;

constexpr std::string_view saved_result = "As `saved` of a commit";

Result<core::Path> member_path(const SettingsPath& path) {
  if (!path.names.empty()) return path.names;
  auto parsed = core::parse_path(path.text);
  if (parsed && !parsed->empty()) return *std::move(parsed);
  return fail(ErrorKind::invalid_params,
              "params.path: expected \"model.name\" or [\"model\", \"name\"]", "params.path");
}

std::string why_no_key(const std::string& path, int error) {
  switch (error) {
    case EISDIR:
    case EINVAL: return path + " is not a regular file.";
    case EFBIG: return path + " is larger than 16 KiB, too large for a key.";
    default:
      return "Cannot read the key from " + path + ": " + std::generic_category().message(error) +
             ".";
  }
}

// The key that a reference of a declaration stands for.
Result<Secret> referenced_key(const std::string& text, const std::string& field,
                              const core::Environment& environment,
                              const std::optional<Secret>& standard_input) {
  using Kind = core::KeyReference::Kind;
  const auto reference = core::parse_key_reference(text, field);
  if (!reference) return std::unexpected(reference.error());
  const auto missing = [&](std::string message) {
    return fail(ErrorKind::invalid_input, std::move(message), field);
  };
  switch (reference->kind) {
    case Kind::environment: {
      const std::string value = environment.get(reference->name);
      if (value.empty())
        return missing("The variable " + reference->name + " is not set, or is empty.");
      return Secret(std::string_view(value));
    }
    case Kind::file: {
      const bool absolute = reference->name.starts_with("/");
      if (!absolute && !environment.cwd) return missing("A relative path needs context.cwd.");
      const std::string path =
          absolute ? reference->name : *environment.cwd + "/" + reference->name;
      const auto content = io::read_file(path, limits::text_input_bytes_max);
      if (!content) return missing(why_no_key(path, content.error()));
      return Secret(std::string_view(content->text));
    }
    case Kind::standard_input:
      if (!standard_input) return missing("No key came with the request (`stdin`).");
      return standard_input->clone();
  }
  return missing("There is no such key.");
}

Result<std::vector<Secret>> referenced_keys(const SettingsApply& params,
                                            const core::Environment& environment) {
  std::vector<Secret> keys;
  for (const DeclaredProvider& provider : params.document.providers) {
    const std::string field = "document.providers[" + std::to_string(keys.size()) + "].apiKey";
    if (provider.api_key.empty()) {
      keys.emplace_back();
      continue;
    }
    auto text = referenced_key(provider.api_key, field, environment, params.standard_input);
    if (!text) return std::unexpected(text.error());
    auto key = core::accept_api_key(text->reveal());
    if (!key) {
      key.error().field = field;
      key.error().message = provider.api_key + ": " + key.error().message;
      return std::unexpected(key.error());
    }
    keys.emplace_back(std::string_view(*key));
  }
  return keys;
}

// What the daemon wrote to these files (all, where there are none) and has not taken back, newest
// first.
Result<std::vector<io::Snapshot>> standing_writes(const io::History& history,
                                                  const std::set<std::string>& files) {
  const auto snapshots = history.snapshots();
  if (!snapshots) return std::unexpected(snapshots.error());
  std::vector<io::Snapshot> standing;
  std::set<std::string> taken_back;
  for (auto snapshot = snapshots->rbegin(); snapshot != snapshots->rend(); ++snapshot) {
    if (taken_back.contains(snapshot->id))
      continue;  // also an undo: then what it took back stands again
    if (!snapshot->undoes.empty())
      taken_back.insert(snapshot->undoes);
    else if (snapshot->by == "self" && (files.empty() || files.contains(snapshot->path)))
      standing.push_back(*snapshot);
  }
  return standing;
}

Result<core::PastWrite> past_write(const io::History& history, const io::Snapshot& snapshot) {
  core::PastWrite write;
  write.link_before = snapshot.link_before;
  for (const auto& [id, text] :
       {std::pair{&snapshot.before, &write.before}, std::pair{&snapshot.after, &write.after}}) {
    if (!*id) continue;
    auto content = history.content(**id);
    if (!content) return std::unexpected(content.error());
    *text = *std::move(content);
  }
  return write;
}

bool is_env_key(const core::Path& path) { return path.size() == 2 && path.front() == "env"; }

}  // namespace

void SettingsService::bind(rpc::Dispatcher& dispatcher) {
  using rpc::Request;
  const auto later = [&]<class Params>(rpc::MethodSummary summary,
                                       void (SettingsService::*handler)(Params, Request)) {
    dispatcher.bind_later<Params>(summary, [this, handler](Params params, Request request) {
      (this->*handler)(std::move(params), std::move(request));
    });
  };
  later({"settings.scopes", "The settings files that take part here, low to high",
         "{scopes: [{scope, path, exists, etag, writable, trusted, takesPart, mode?, version?, "
         "link?, trouble?}], "
         "persistScope, judgedBy}"},
        &SettingsService::scopes);
  later({"settings.get", "What the settings say, secrets masked",
         "{scope, value, origins?, warnings?, path?, etag?, judgedBy}"},
        &SettingsService::get);
  later({"settings.set", "Sets one member", "As `saved` of a commit, with keys and warnings"},
        &SettingsService::set);
  later({"settings.remove", "Removes one member",
         "As `saved` of a commit, with keys, warnings and, for a key, snapshotsWithKey and purged"},
        &SettingsService::remove);
  later({"settings.apply", "Makes the settings say what a document declares",
         "{result: changed|unchanged, diff, scope, path, keys, warnings, saved?, judgedBy}"},
        &SettingsService::apply);
  later({"settings.history", "The writes that were seen, newest first",
         "{snapshots: [{id, at, by, method, path, scope, keys, before, after, undoes?, trouble?, "
         "restorable}], purged?}"},
        &SettingsService::history);
  later({"settings.diff", "What a write changed, secrets masked",
         "{snapshot, at, by, method, path, diff}"},
        &SettingsService::diff);
  later({"settings.undo", "Takes a write back, and leaves what came later",
         "As `saved` of a commit, with keys, warnings and undone"},
        &SettingsService::undo);
  later({"settings.restore", "Puts back what was there before a write, or some members of it",
         "As `saved` of a commit, with keys, warnings and undone"},
        &SettingsService::restore);
}

void SettingsService::scopes(SettingsScopes params, rpc::Request request) {
  read_at(
      services_, std::move(params),
      [](io::SettingsStore& store, const core::Environment& environment,
         const SettingsScopes&) -> Result<Json> {
        const core::SettingsFiles files = store.load(environment, Freshness::by_content);
        return wire::scopes(files, io::SettingsStore::is_writable, environment.judged_by());
      },
      std::move(request));
}

void SettingsService::get(SettingsGet received, rpc::Request request) {
  core::Path path;
  if (received.path) {
    auto parsed = member_path(*received.path);
    if (!parsed) return request.reply(std::unexpected(parsed.error()));
    path = *std::move(parsed);
  }
  read_at(
      services_, std::move(received),
      [path](io::SettingsStore& store, const core::Environment& environment,
             const SettingsGet& params) -> Result<Json> {
        const std::string& scope = params.scope;
        const core::SettingsFiles files = store.load(environment, Freshness::by_content);
        if (scope == "merged") return wire::merged(files, path, environment.judged_by());
        if (scope == "workspace" && !files.workspace)
          return std::unexpected(core::scope_to_write(files, scope).error());
        const core::SettingsFile& file = files.at(core::scope_named(scope));
        if (file.trouble) return std::unexpected(*file.trouble);
        if (file.exists && !file.document)
          return std::unexpected(core::editable_document(file, true).error());
        return wire::one_scope(files, file, path, environment.judged_by());
      },
      std::move(request));
}

void SettingsService::set(SettingsSet received, rpc::Request request) {
  auto path = member_path(received.path);
  if (!path) return request.reply(std::unexpected(path.error()));
  write_at(
      services_, std::move(received),
      [path = *std::move(path)](io::SettingsStore& store, const core::Environment& environment,
                                const SettingsSet& params) -> Result<Written> {
        std::vector<core::Warning> warnings;
        auto saved = store.change({"settings.set"}, [&]() -> Result<core::Plan> {
          core::SettingsFiles files = store.load(environment, Freshness::by_content);
          const auto scope = core::scope_to_write(files, params.scope);
          if (!scope) return std::unexpected(scope.error());
          core::SettingsFile& target = files.at(*scope);
          if (is_env_key(path)) io::SettingsStore::inspect(target);
          auto plan = core::plan_set(target, path, params.value, params.repair);
          if (!plan) return plan;
          if (auto ok = same_file(params.etag, *plan); !ok) return std::unexpected(ok.error());
          warnings = plan->warnings;
          for (core::Warning& warning : core::warnings_of_target(files, *scope))
            warnings.push_back(std::move(warning));
          return plan;
        });
        if (!saved) return std::unexpected(saved.error());
        Json result = wire::saved(*saved);
        result["warnings"] = wire::warnings(warnings);
        return Written{{*std::move(saved)}, std::move(result)};
      },
      std::move(request));
}

void SettingsService::remove(SettingsRemove received, rpc::Request request) {
  auto path = member_path(received.path);
  if (!path) return request.reply(std::unexpected(path.error()));
  if (received.purge && !is_env_key(*path))
    return request.reply(
        fail(ErrorKind::invalid_input, "Only env.NAME can be purged from the history.", "purge",
             "Remove the member without purge. Copies of former files may still hold its value."));
  write_at(
      services_, std::move(received),
      [path = *std::move(path)](io::SettingsStore& store, const core::Environment& environment,
                                const SettingsRemove& params) -> Result<Written> {
        std::vector<core::Warning> warnings;
        auto saved = store.change({"settings.remove"}, [&]() -> Result<core::Plan> {
          const core::SettingsFiles files = store.load(environment, Freshness::by_content);
          const auto scope = core::scope_to_write(files, params.scope);
          if (!scope) return std::unexpected(scope.error());
          auto plan = core::plan_remove(files.at(*scope), path, params.repair);
          if (!plan) return plan;
          if (auto ok = same_file(params.etag, *plan); !ok) return std::unexpected(ok.error());
          warnings = plan->warnings;
          return plan;
        });
        if (!saved) return std::unexpected(saved.error());
        Json result = wire::saved(*saved);
        if (params.purge) {
          const auto purged = store.purge(path.back());
          result["purged"] = purged ? Json(*purged) : Json();
          // The member is gone from the file all the same.
          if (!purged)
            warnings.push_back({"F808",
                                "file.not-purged",
                                {},
                                purged.error().message + " " + purged.error().hint});
          // The copy is another one now.
          if (const auto purged_one = store.history().find(saved->snapshot);
              purged_one && purged_one->before)
            result["backup"] = store.history().path_of(*purged_one->before);
        }
        if (is_env_key(path)) result["snapshotsWithKey"] = store.history().holding_key(path.back());
        result["warnings"] = wire::warnings(warnings);
        return Written{{*std::move(saved)}, std::move(result)};
      },
      std::move(request));
}

void SettingsService::apply(SettingsApply received, rpc::Request request) {
  write_at(
      services_, std::move(received),
      [](io::SettingsStore& store, const core::Environment& environment,
         const SettingsApply& params) -> Result<Written> {
        const auto keys = referenced_keys(params, environment);
        if (!keys) return std::unexpected(keys.error());
        core::Plan last;
        const auto plan = [&]() -> Result<core::Plan> {
          core::SettingsFiles files = store.load(environment, Freshness::by_content);
          if (const auto scope = core::scope_to_write(files, params.scope))
            io::SettingsStore::inspect(files.at(*scope));
          auto made = core::plan_declaration(files, environment,
                                             {params.scope, params.document, *keys, params.repair});
          if (!made) return made;
          if (auto ok = same_file(params.etag, *made); !ok) return std::unexpected(ok.error());
          last = *made;
          return made;
        };
        io::Saved saved;
        if (params.dry_run) {
          if (auto made = plan(); !made) return std::unexpected(made.error());
        } else {
          auto changed = store.change({"settings.apply"}, plan);
          if (!changed) return std::unexpected(changed.error());
          saved = *std::move(changed);
        }
        Json result = wire::applied(last, environment.judged_by());
        if (saved.changed) result["saved"] = wire::saved(saved);
        return Written{{std::move(saved)}, std::move(result)};
      },
      std::move(request));
}

void SettingsService::history(SettingsHistory params, rpc::Request request) {
  write_settings(
      services_,
      [params = std::move(params)](io::SettingsStore& store) -> Result<Written> {
        Json result = Json::object();
        if (params.purge) {
          const auto purged = store.purge(*params.purge);
          if (!purged) return std::unexpected(purged.error());
          result["purged"] = *purged;
        }
        store.settle();
        Json list = Json::array();
        const auto snapshots = store.history().snapshots();
        if (!snapshots) return std::unexpected(snapshots.error());
        for (auto snapshot = snapshots->rbegin(); snapshot != snapshots->rend(); ++snapshot)
          if (!params.path || *params.path == snapshot->path)
            list.push_back(wire::snapshot(*snapshot, store.history()));
        result["snapshots"] = std::move(list);
        return Written{{}, std::move(result)};
      },
      std::move(request));
}

void SettingsService::diff(SettingsDiff params, rpc::Request request) {
  read_settings(
      services_,
      [params = std::move(params)](io::SettingsStore& store) -> Result<Json> {
        store.settle();
        auto snapshot = params.snapshot ? store.history().find(*params.snapshot)
                                        : [&]() -> Result<io::Snapshot> {
          auto all = store.history().snapshots();
          if (!all) return std::unexpected(all.error());
          if (all->empty())
            return fail(ErrorKind::unknown_snapshot, "No changes were recorded yet.", "snapshot");
          return std::move(all->back());
        }();
        if (!snapshot) return std::unexpected(snapshot.error());
        const auto write = past_write(store.history(), *snapshot);
        if (!write) return std::unexpected(write.error());
        return Json{{"snapshot", snapshot->id},
                    {"at", snapshot->at},
                    {"by", snapshot->by},
                    {"method", snapshot->method},
                    {"path", snapshot->path},
                    {"diff", core::masked_diff(write->before.value_or(""),
                                               write->after.value_or(""), snapshot->path)}};
      },
      std::move(request));
}

Result<Written> SettingsService::take_back(io::SettingsStore& store, const io::Snapshot& snapshot,
                                           const std::string& method,
                                           const std::vector<core::Path>& keys,
                                           const std::optional<std::string>& etag) const {
  store.settle();
  const auto past = past_write(store.history(), snapshot);
  if (!past) return std::unexpected(past.error());
  std::vector<core::Warning> warnings;
  auto saved = store.change({method, keys.empty() ? snapshot.id : ""}, [&]() -> Result<core::Plan> {
    auto plan =
        core::plan_undo(store.read(core::scope_named(snapshot.scope), snapshot.path), *past, keys);
    if (!plan) return plan;
    if (auto ok = same_file(etag, *plan); !ok) return std::unexpected(ok.error());
    warnings = plan->warnings;
    return plan;
  });
  if (!saved) return std::unexpected(saved.error());
  Json result = wire::saved(*saved);
  result["warnings"] = wire::warnings(warnings);
  result["undone"] = {{"snapshot", snapshot.id},
                      {"at", snapshot.at},
                      {"by", snapshot.by},
                      {"method", snapshot.method}};
  return Written{{*std::move(saved)}, std::move(result)};
}

void SettingsService::undo(SettingsUndo params, rpc::Request request) {
  std::optional<core::Environment> environment;
  if (params.context) {
    auto judging = core::judging_environment(*params.context, services_.environment);
    if (!judging) return request.reply(std::unexpected(judging.error()));
    environment = *std::move(judging);
  }
  write_settings(
      services_,
      [this, environment = std::move(environment),
       params = std::move(params)](io::SettingsStore& store) -> Result<Written> {
        if (params.snapshot) {
          const auto snapshot = store.history().find(*params.snapshot);
          if (!snapshot) return std::unexpected(snapshot.error());
          return take_back(store, *snapshot, "settings.undo", {}, params.etag);
        }
        std::set<std::string> files;
        if (environment) {
          const core::SettingsFiles here = store.load(*environment, Freshness::by_content);
          files = {here.user.path, here.system.path, here.system_defaults.path};
          if (here.workspace) files.insert(here.workspace->path);
        }
        // Of a write that others have taken back by hand nothing is left; then it is the one
        // before.
        const auto standing = standing_writes(store.history(), files);
        if (!standing) return std::unexpected(standing.error());
        for (const io::Snapshot& snapshot : *standing)
          if (auto written = take_back(store, snapshot, "settings.undo", {}, params.etag);
              !written || written->saved.front().changed)
            return written;
        return fail(ErrorKind::unknown_snapshot, "There is nothing to undo.", "snapshot");
      },
      std::move(request));
}

void SettingsService::restore(SettingsRestore params, rpc::Request request) {
  std::vector<core::Path> keys;
  for (const SettingsPath& key : params.keys.value_or(std::vector<SettingsPath>())) {
    auto path = member_path(key);
    if (!path) return request.reply(std::unexpected(path.error()));
    keys.push_back(*std::move(path));
  }
  write_settings(
      services_,
      [this, id = params.snapshot,
       keys = std::move(keys)](io::SettingsStore& store) -> Result<Written> {
        const auto snapshot = store.history().find(id);
        if (!snapshot) return std::unexpected(snapshot.error());
        return take_back(store, *snapshot, "settings.restore", keys, std::nullopt);
      },
      std::move(request));
}

}  // namespace authd
