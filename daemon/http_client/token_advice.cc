#include "daemon/http_client/token_advice.h"

#include <algorithm>
#include <array>
#include <utility>

namespace signinwatch::http_client {
namespace {

constexpr std::string_view kUnknownApp =
    "the tenant has no such app: check client_id, and the tenant in tenant_id or token_endpoint";
constexpr std::string_view kUnknownTenant =
    "there is no such tenant: check tenant_id or token_endpoint";
constexpr std::string_view kNoFederation =
    "no federated credential of the app or identity matches the token of federated_token_file: "
    "its issuer, subject (system:serviceaccount:NAMESPACE:NAME) and audience "
    "(api://AzureADTokenExchange) must be those of the cluster and service account";
constexpr std::string_view kUnknownCertificate =
    "the signature is not from a certificate of the app registration: upload client_certificate "
    "there, and check that it has not expired";
constexpr std::string_view kBadScope =
    "scope must be what the token is for with /.default behind it, such as "
    "https://NAMESPACE.servicebus.windows.net/.default";

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kAdvice{{
    {"AADSTS50013",
     "the assertion is not valid: check that it has not expired and was issued for Entra"},
    {"AADSTS500011", kBadScope},
    {"AADSTS53003", "a Conditional Access policy blocks the app: exclude the app or its address"},
    {"AADSTS65001", "the app lacks consent: have an administrator grant it"},
    {"AADSTS70011", kBadScope},
    {"AADSTS1002012", kBadScope},
    {"AADSTS70021", kNoFederation},
    {"AADSTS700211", kNoFederation},
    {"AADSTS700212", kNoFederation},
    {"AADSTS700213", kNoFederation},
    {"AADSTS700016", kUnknownApp},
    {"AADSTS700024",
     "the assertion is outside its validity period: this machine's clock is wrong (set it by NTP), "
     "or the token in federated_token_file is no longer renewed"},
    {"AADSTS700027", kUnknownCertificate},
    {"AADSTS7000112", "the app is disabled: enable it"},
    {"AADSTS7000215",
     "the client secret is wrong: use the secret's value, not its id, and a secret of this app"},
    {"AADSTS7000222", "the client secret has expired: create a new one"},
    {"AADSTS90002", kUnknownTenant},
    {"AADSTS900023", kUnknownTenant},
}};

}  // namespace

std::string_view TokenAdvice(std::string_view code) {
  const auto* found = std::find_if(kAdvice.begin(), kAdvice.end(),
                                   [code](const auto& each) { return each.first == code; });
  return found == kAdvice.end() ? std::string_view() : found->second;
}

}  // namespace signinwatch::http_client
