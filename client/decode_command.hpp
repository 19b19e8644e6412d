// `qwen-authctl decode`: what a pasted error text or a log means.
#pragma once

#include "client/arguments.hpp"
#include "client/line.hpp"

namespace authd::client {

// Exit 0 where something in the text is known, 1 where nothing is.
ExitCode run_decode(const Arguments& arguments);

// The result of doctor.decode: the best finding whole, the others in a line each.
std::vector<Line> decode_lines(const Json& result, std::size_t columns);

}  // namespace authd::client
