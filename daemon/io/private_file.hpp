// Small files that the daemon edits for its user, beside the settings: keys.json and .env.
#pragma once

#include <functional>
#include <string>

#include "protocol/result.hpp"

namespace authd::io {

// What a file is to say, made from what it says; an empty text where there is no file. It may be
// called again, where somebody else has written meanwhile.
using TextEdit = std::function<Result<std::string>(const std::string& text)>;

// Reads, edits and writes, atomically and flushed to the disk. A symlink is followed; the file ends
// with mode 0600, and a directory that is missing is made with 0700. No file is made for an empty
// text. Whether anything was written. The errors are the edit's; settings_unreadable and
// settings_not_writable with path and errno; settings_conflict where the file never stands still.
Result<bool> edit_private_file(const std::string& path, std::size_t bytes_max,
                               const TextEdit& edit);

}  // namespace authd::io
