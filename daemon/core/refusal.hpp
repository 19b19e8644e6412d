// How a value is refused that a caller has given.
#pragma once

#include "protocol/result.hpp"

namespace authd::core {

// invalid_input of the field "value".
inline std::unexpected<Error> value_refused(std::string message, std::string hint = {}) {
  return fail(ErrorKind::invalid_input, std::move(message), "value", std::move(hint));
}

}  // namespace authd::core
