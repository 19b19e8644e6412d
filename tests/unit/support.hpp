// What several test files share: settings files as values, and a scratch directory.
#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/core/installation.hpp"

namespace authd::test {

// One settings file as the store would have read it; no text = no file.
inline core::SettingsFile settings_file(core::Scope scope, const std::string& path,
                                        const std::optional<std::string>& text) {
  core::SettingsFile file;
  file.scope = scope;
  file.path = path;
  if (!text) return file;
  file.exists = true;
  file.etag = "etag-of-" + path;
  auto document = core::Jsonc::parse(*text);
  if (document)
    file.document = *std::move(document);
  else
    file.fault = document.error();
  return file;
}

inline core::Jsonc parsed(const std::string& text) {
  auto document = core::Jsonc::parse(text);
  if (!document) throw std::runtime_error("does not parse: " + document.error().message);
  return *std::move(document);
}

// The error, where there must be one.
template <class T>
Error refusal(const Result<T>& result) {
  if (result) throw std::runtime_error("was not refused");
  return result.error();
}

struct SettingsTexts {
  std::optional<std::string> user = {}, workspace = {}, system = {}, system_defaults = {};
  bool trusted = true;
  bool in_workspace = false;  // a workspace without a file of its own
};

inline core::SettingsFiles settings_files(const SettingsTexts& texts) {
  core::SettingsFiles files;
  files.system_defaults = settings_file(core::Scope::system_defaults, "/etc/d.json", texts.system_defaults);
  files.user = settings_file(core::Scope::user, "/home/u/.qwen/settings.json", texts.user);
  files.system = settings_file(core::Scope::system, "/etc/s.json", texts.system);
  if (texts.workspace || texts.in_workspace)
    files.workspace = settings_file(core::Scope::workspace, "/repo/.qwen/settings.json", texts.workspace);
  files.workspace_trusted = texts.trusted;
  return files;
}

// The PRD's own example, Settings Write Design.
inline core::Installation openrouter() {
  return {"openai", "https://openrouter.ai/api/v1", {"qwen/qwen3-coder", "openai/gpt-4.1"}};
}
inline const std::string openrouter_key_name = "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1";

inline Result<core::InstallationPlan> try_plan(const SettingsTexts& texts, const core::Installation& installation,
                                   const std::string& key = "sk-or-v1-xxx", const std::string& scope = "auto",
                                   const core::Environment& environment = {}, bool repair = false) {
  return core::plan_installation(settings_files(texts), environment,
                                 {.scope = scope, .installation = installation, .api_key = key, .repair = repair,
                                  .with_patch = true});
}
// The plan itself, where it must succeed.
inline core::InstallationPlan plan(const SettingsTexts& texts, const core::Installation& installation,
                       const std::string& key = "sk-or-v1-xxx", const std::string& scope = "auto",
                       const core::Environment& environment = {}) {
  auto made = try_plan(texts, installation, key, scope, environment);
  if (!made) throw std::runtime_error("no plan: " + made.error().message);
  return *std::move(made);
}

// The value that Qwen Code would read; throws where the text is no strict JSON but for comments.
inline Json read_value(const std::string& text) {
  const std::string bom = "\xEF\xBB\xBF";
  return Json::parse(text.starts_with(bom) ? text.substr(3) : text, nullptr, true, true);
}

inline const core::Warning* find_warning(const std::vector<core::Warning>& warnings, const std::string& code,
                                         const std::string& words = "") {
  for (const core::Warning& warning : warnings)
    if (warning.code == code && warning.message.find(words) != std::string::npos) return &warning;
  return nullptr;
}

inline std::vector<std::string> key_texts(const std::vector<core::Path>& keys) {
  std::vector<std::string> texts;
  for (const core::Path& key : keys) texts.push_back(core::path_text(key));
  return texts;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Removed with all that is in it.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "authd-unit-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path_ = std::filesystem::canonical(name).string();
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}
inline void write_text(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}
inline unsigned mode_of(const std::string& path) {
  struct stat st {};
  return lstat(path.c_str(), &st) == 0 ? st.st_mode & 07777U : 0U;
}

}  // namespace authd::test
