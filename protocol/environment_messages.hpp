// The parameters of env.names, env.explain, auth.status and models.list (rpc-contract,
// Environment).
#pragma once

#include "protocol/context.hpp"

namespace authd {

struct EnvNames {
  Context context;
  static auto fields() {
    return std::tuple{optional("context", &EnvNames::context, "where the caller stands")};
  }
};

struct EnvExplain {
  std::string name;
  Context context;
  static auto fields() {
    return std::tuple{required("name", &EnvExplain::name, "the variable's name"),
                      optional("context", &EnvExplain::context, "where the caller stands")};
  }
};

struct AuthStatusOf {
  Context context;
  static auto fields() {
    return std::tuple{optional("context", &AuthStatusOf::context, "where the caller stands")};
  }
};

struct ModelsList {
  Context context;
  static auto fields() {
    return std::tuple{optional("context", &ModelsList::context, "where the caller stands")};
  }
};

}  // namespace authd
