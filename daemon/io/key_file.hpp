// keys.json on disk. Settings thread only.
#pragma once

#include <string>

#include "daemon/core/key_commands.hpp"

namespace authd::io {

// The commands in the file; none where there is no file. Whoever can change the file runs programs
// as its user, so one that others may write, or that another user owns, is not used:
// settings_unreadable, as for one that cannot be read or does not parse.
Result<core::NamedKeyCommands> read_key_file(const std::string& path);

// Whether the file was changed. Errors as of read_key_file and edit_private_file.
Result<bool> set_key_command(const std::string& path, const std::string& name,
                             const core::KeyCommand& command);
Result<bool> remove_key_command(const std::string& path, const std::string& name);

}  // namespace authd::io
