// What the users of libcurl in this folder share: whom a connection trusts, and a transfer that can
// be cancelled. Private to it.
#ifndef SIGNINWATCH_DAEMON_HTTP_CLIENT_CURL_TRANSFER_H_
#define SIGNINWATCH_DAEMON_HTTP_CLIENT_CURL_TRANSFER_H_

#include <curl/curl.h>

#include <atomic>
#include <string>

namespace signinwatch::http_client {

// An option of a known type with a value of ours: it fails only for want of memory.
template <typename T>
void SetOption(CURL* easy, CURLoption option, T value) {
  curl_easy_setopt(easy, option, value);
}

// Certificates and names are checked, by TLS 1.2 or later. `ca_file`: PEM of those who are trusted
// instead of the system's; empty: those.
inline void SetTrust(CURL* easy, const std::string& ca_file) {
  SetOption(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  SetOption(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  SetOption(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (ca_file.empty()) return;
  SetOption(easy, CURLOPT_CAINFO, ca_file.c_str());
  SetOption(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr));
}

// Carries out what was added to `multi`, a single transfer, and says what came of it. Who sets
// `cancelled`, and wakes `multi` up, ends it.
inline CURLcode FinishTransfer(CURLM* multi, const std::atomic<bool>& cancelled) {
  int running = 1;
  while (running > 0 && !cancelled) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) break;
    if (running > 0) curl_multi_poll(multi, nullptr, 0, 1'000, nullptr);
  }
  CURLcode result = CURLE_FAILED_INIT;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg == CURLMSG_DONE) result = message->data.result;
  }
  return result;
}

// The same for `easy`, which is taken out of `multi` afterwards.
inline CURLcode PerformTransfer(CURLM* multi, CURL* easy, const std::atomic<bool>& cancelled) {
  if (cancelled || curl_multi_add_handle(multi, easy) != CURLM_OK) return CURLE_FAILED_INIT;
  const CURLcode result = FinishTransfer(multi, cancelled);
  curl_multi_remove_handle(multi, easy);
  return result;
}

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_DAEMON_HTTP_CLIENT_CURL_TRANSFER_H_
