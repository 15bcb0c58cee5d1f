#include "daemon/http_client/connection_probe.h"

#include <curl/curl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string_view>

#include "daemon/http_client/curl_transfer.h"
#include "daemon/http_client/http_client.h"

namespace signinwatch::http_client {
namespace {

using Reached = ConnectionFacts::Reached;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

bool HasHappened(CURL* easy, CURLINFO info) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, info, &microseconds);
  return microseconds > 0;
}

// The first of the chain's certificates to expire.
std::optional<std::chrono::sys_seconds> ExpiryOf(CURL* easy) {
  constexpr std::string_view kExpiry = "Expire date:";
  std::optional<std::chrono::sys_seconds> first;
  curl_certinfo* chain = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == nullptr) {
    return first;
  }
  for (const curl_slist* line :
       std::span(chain->certinfo, static_cast<size_t>(chain->num_of_certs))) {
    for (; line != nullptr; line = line->next) {
      const std::string_view text = line->data;
      if (!text.starts_with(kExpiry)) continue;
      const auto date = ParseHttpDate(std::string(text.substr(kExpiry.size())));
      if (date && (!first || *date < *first)) first = date;
    }
  }
  return first;
}

ConnectionFacts::TlsFault FaultOf(CURL* easy, CURLcode result) {
  using Fault = ConnectionFacts::TlsFault;
  if (result != CURLE_PEER_FAILED_VERIFICATION) return Fault::kNoTls;
  long verified = X509_V_OK;
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verified);
  switch (verified) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Fault::kExpired;
    case X509_V_OK:
    case X509_V_ERR_UNSPECIFIED:  // libcurl compares the name before it asks for the result
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return Fault::kOtherName;
    default:
      return Fault::kUntrusted;
  }
}

// Connects by TCP, or by TCP and TLS.
CURLcode Connect(CURL* easy, const ConnectionTarget& target, bool tls,
                 std::chrono::milliseconds timeout, char* error) {
  const std::string url = (tls ? "https://" : "http://") + target.address + "/";
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error);
  SetTrust(easy, target.ca_file);
  // Brokers know no HTTP.
  curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
  curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
  const std::string host = target.address.substr(0, target.address.rfind(':'));
  if (target.direct || IsThisMachine(host)) curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  return curl_easy_perform(easy);
}

}  // namespace

ConnectionFacts ProbeConnection(const ConnectionTarget& target) {
  ConnectionFacts facts;
  // Initialises libcurl too.
  if (!CheckHttpUrl("http://" + target.address + "/").ok()) {
    facts.error = "not a host and a port";
    return facts;
  }
  const Easy easy(curl_easy_init());
  char error[CURL_ERROR_SIZE] = {};
  CURLcode result = Connect(easy.get(), target, false, target.timeout, error);
  char* ip = nullptr;
  if (curl_easy_getinfo(easy.get(), CURLINFO_PRIMARY_IP, &ip) == CURLE_OK && ip != nullptr) {
    facts.ip = ip;
  }
  if (result == CURLE_OK) {
    facts.reached = Reached::kPeer;
  } else if (HasHappened(easy.get(), CURLINFO_NAMELOOKUP_TIME_T)) {
    facts.reached = Reached::kName;
  }
  // A connection of its own, as libcurl does not tell which of the two steps has failed.
  if (result == CURLE_OK && target.tls) {
    curl_off_t taken_us = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_TOTAL_TIME_T, &taken_us);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        target.timeout - std::chrono::microseconds(taken_us));
    result = Connect(easy.get(), target, true, std::max(left, std::chrono::milliseconds(1)), error);
    if (result == CURLE_OK) {
      facts.reached = Reached::kTls;
      facts.expiry = ExpiryOf(easy.get());
    } else {
      facts.tls_fault = FaultOf(easy.get(), result);
    }
  }
  if (result != CURLE_OK) {
    facts.error = error[0] != '\0' ? error : curl_easy_strerror(result);
    // Some of these texts end with a blank.
    facts.error.erase(facts.error.find_last_not_of(' ') + 1);
  }
  return facts;
}

std::optional<ConnectionTarget> TargetOfUrl(const std::string& url) {
  const bool tls = url.starts_with("https://");
  if (!CheckHttpUrl(url).ok()) return std::nullopt;
  std::string address = url.substr(url.find("://") + 3);
  address.resize(std::min(address.find_first_of("/?#"), address.size()));
  const size_t colon = address.rfind(':');
  // The last colon of "[::1]" is of the address.
  if (colon == std::string::npos || address.find(']', colon) != std::string::npos) {
    address += tls ? ":443" : ":80";
  }
  return ConnectionTarget{.address = address, .tls = tls};
}

}  // namespace signinwatch::http_client
