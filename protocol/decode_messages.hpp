// The parameters of doctor.decode (rpc-contract, Doctor).
#pragma once

#include "protocol/context.hpp"

namespace authd {

struct DoctorDecode {
  std::string text;
  std::optional<Context> context;
  static auto fields() {
    return std::tuple{
        required("text", &DoctorDecode::text, "an error message or a log, as it was printed"),
        optional("context", &DoctorDecode::context,
                 "where the text is from: the set-up there makes the answer surer")};
  }
};

}  // namespace authd
