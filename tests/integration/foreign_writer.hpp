// Programs that write settings files and know of no daemon.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace authd::tests {

// As Qwen Code does (facts, 1.4): a temporary file of a fixed name, the file renamed away, the new
// one renamed to its place. No lock, mode 0644, and an instant without a file.
void write_as_qwen_code(const std::string& path, std::string_view text);

// In place: cut off first, then half the text, the rest after the pause. The mode stays.
void write_in_place(const std::string& path, std::string_view text,
                    std::chrono::milliseconds pause = std::chrono::milliseconds(0));

// The text with one member more at its beginning, all other bytes as they were.
std::string with_member(std::string text, const std::string& name, const std::string& value);

// The text with the first occurrence of `what` replaced; fails where there is none.
std::string replaced(std::string text, std::string_view what, std::string_view by);

}  // namespace authd::tests
