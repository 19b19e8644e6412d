// What the doctor's rules need and Surroundings do not hold: modes, git, the raw text of .env
// files, copies of settings, shells' start files, processes. Settings thread only; bounded, and
// nothing is run.
#pragma once

#include "daemon/core/doctor.hpp"
#include "daemon/io/settings_store.hpp"

namespace authd::io {

struct DoctorFacts {
  core::NamedKeyCommands commands;
  std::string key_file_trouble;
  std::map<std::string, core::PathFacts> paths;
  std::map<std::string, std::string> dotenv_texts;
  std::vector<std::string> backups;
  std::vector<core::LossyWrite> lossy_writes;
  std::vector<core::ExportLine> exports;
  std::vector<core::ArgumentTrace> traces;
  std::vector<std::string> stale_sessions;
  std::map<std::string, std::string> authority_files;
  bool has_oauth_tokens = false;
  std::string socket_trouble;
};

// `with_traces`: arguments of processes and histories of shells are looked through for keys.
DoctorFacts doctor_facts(SettingsStore& store, const core::Surroundings& surroundings,
                         const core::Environment& environment, const std::string& key_file,
                         bool with_traces);

// Gives a file or a directory of this user's a mode; the former one. An errno.
std::expected<unsigned, int> change_mode(const std::string& path, unsigned mode);

}  // namespace authd::io
