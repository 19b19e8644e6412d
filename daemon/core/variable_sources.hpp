// How variables.hpp's functions look at a place: what of each file counts. Shared by them alone.
#pragma once

#include "daemon/core/variables.hpp"

namespace authd::core {

inline constexpr std::string_view no_such_file = "There is no such file.";
inline constexpr std::string_view not_trusted =
    "Qwen Code does not read it, because the folder is not trusted.";

class VariableSources {
 public:
  // All three outlive it.
  VariableSources(const Surroundings& surroundings, const Environment& environment,
                  const CliRules& rules);

  // The settings as the first start reads them: with the exported variables and those of home
  // files.
  const SettingsView& settings() const { return settings_; }
  // Why nothing of a .env file counts; empty where something may.
  const std::string& file_skipped(std::size_t index) const { return file_skipped_[index]; }
  // Why a variable is not taken from a .env file that counts; empty where it is.
  std::string dotenv_refusal(const DotenvFile& file, const std::string& name) const;
  // Whether a variable that has this value can still be set by a file.
  bool counts_as_unset(const std::string* value) const;

 private:
  void choose_files();

  const Surroundings& surroundings_;
  const Environment& environment_;
  const CliRules& rules_;
  SettingsView settings_;
  std::vector<std::string> excluded_;
  std::vector<std::string> file_skipped_;
};

}  // namespace authd::core
