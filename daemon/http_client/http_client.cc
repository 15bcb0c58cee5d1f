#include "daemon/http_client/http_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "daemon/http_client/curl_transfer.h"
#include "parser/ascii.h"

namespace signinwatch::http_client {
namespace {

// Process-wide and not to be undone: other parts may use libcurl until the very end.
void InitializeOnce() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)done;
}

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

std::string PartOf(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

// nullptr: it can't be used.
Url ParseUrl(const std::string& text) {
  Url url(curl_url());
  if (url == nullptr || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return nullptr;
  }
  const std::string scheme = PartOf(url.get(), CURLUPART_SCHEME);
  return scheme == "http" || scheme == "https" ? std::move(url) : nullptr;
}

// "https://host:443", which is all that errors show.
std::string OriginOf(CURLU* url) {
  return absl::StrCat(PartOf(url, CURLUPART_SCHEME), "://", PartOf(url, CURLUPART_HOST), ":",
                      PartOf(url, CURLUPART_PORT, CURLU_DEFAULT_PORT));
}

// What comes in of one answer. (libcurl bounds its headers: CVE-2023-38039.)
struct Incoming {
  std::string body;
  size_t body_max = 0;
  bool body_cut = false;
};

size_t TakeBody(char* bytes, size_t size, size_t count, void* user) {
  auto* in = static_cast<Incoming*>(user);
  const size_t all = size * count;
  const size_t kept = std::min(all, in->body_max - in->body.size());
  in->body.append(bytes, kept);
  // Taking less than all ends the transfer: an endless answer is not waited for.
  in->body_cut = kept < all;
  return kept;
}

bool IsOneLine(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// nullopt: a header that is no header.
std::optional<HeaderList> MakeHeaders(const HttpCall& request) {
  // Without a value: libcurl sends none. "Expect" would cost a round trip for large bodies.
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : request.headers) {
    if (!IsOneLine(name) || !IsOneLine(value)) {
      curl_slist_free_all(list);
      return std::nullopt;
    }
    list = curl_slist_append(list, absl::StrCat(name, ": ", value).c_str());
  }
  return HeaderList(list);
}

absl::StatusCode CodeOf(CURLcode result, bool connected) {
  switch (result) {
    case CURLE_OPERATION_TIMEDOUT:
      return connected ? absl::StatusCode::kDeadlineExceeded : absl::StatusCode::kUnavailable;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return absl::StatusCode::kUnauthenticated;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return absl::StatusCode::kInvalidArgument;
    default:
      return connected ? absl::StatusCode::kAborted : absl::StatusCode::kUnavailable;
  }
}

}  // namespace

class HttpClient::Impl {
 public:
  explicit Impl(std::string ca_file) : ca_file_(std::move(ca_file)) {
    InitializeOnce();
    multi_ = curl_multi_init();
    easy_ = curl_easy_init();
  }
  ~Impl() {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  absl::StatusOr<HttpResponse> Send(const HttpCall& request) {
    const Url url = ParseUrl(request.url);
    if (url == nullptr) return absl::InvalidArgumentError("the URL can't be used");
    const std::optional<HeaderList> headers = MakeHeaders(request);
    if (!headers) return absl::InvalidArgumentError("a header has more than one line");
    Incoming in;
    in.body_max = request.response_bytes_max;
    SetUp(request, url.get(), headers->get(), &in);
    const CURLcode result = Perform();
    if (cancelled_) return absl::CancelledError("the request was cancelled");
    if (result == CURLE_OK || (result == CURLE_WRITE_ERROR && in.body_cut)) {
      return ResponseOf(std::move(in.body));
    }
    return absl::Status(CodeOf(result, IsConnected()),
                        absl::StrCat(OriginOf(url.get()), ": ",
                                     error_[0] != '\0' ? error_ : curl_easy_strerror(result)));
  }

  void Cancel() {
    cancelled_ = true;
    curl_multi_wakeup(multi_);
  }

 private:
  void SetUp(const HttpCall& request, CURLU* url, curl_slist* headers, Incoming* in) {
    curl_easy_reset(easy_);  // keeps connections
    error_[0] = '\0';
    Set(CURLOPT_CURLU, url);
    Set(CURLOPT_PROTOCOLS_STR, "http,https");
    Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    Set(CURLOPT_FOLLOWLOCATION, 0L);
    if (request.direct || IsThisMachine(PartOf(url, CURLUPART_HOST))) {
      Set(CURLOPT_NOPROXY, "*");
    }
    Set(CURLOPT_NOSIGNAL, 1L);
    // A name server that does not answer is not waited for beyond the deadline.
    Set(CURLOPT_QUICK_EXIT, 1L);
    SetTrust(easy_, ca_file_);
    Set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.timeout.count()));
    Set(CURLOPT_HTTPHEADER, headers);
    if (request.method != "GET") {
      Set(CURLOPT_POST, 1L);
      Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
      Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      Set(CURLOPT_POSTFIELDS, request.body.c_str());  // refers to it
    } else {
      Set(CURLOPT_HTTPGET, 1L);
    }
    if (request.once) {
      Set(CURLOPT_FRESH_CONNECT, 1L);
      Set(CURLOPT_FORBID_REUSE, 1L);
    }
    Set(CURLOPT_WRITEFUNCTION, &TakeBody);
    Set(CURLOPT_WRITEDATA, in);
    Set(CURLOPT_ERRORBUFFER, static_cast<char*>(error_));
  }

  template <typename T>
  void Set(CURLoption option, T value) {
    SetOption(easy_, option, value);
  }

  CURLcode Perform() { return PerformTransfer(multi_, easy_, cancelled_); }

  // With TLS: after its handshake.
  bool IsConnected() {
    curl_off_t microseconds = 0;
    curl_easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME_T, &microseconds);
    return microseconds > 0;
  }

  HttpResponse ResponseOf(std::string body) {
    HttpResponse response;
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    response.body = std::move(body);
    curl_header* header = nullptr;
    while ((header = curl_easy_nextheader(easy_, CURLH_HEADER, -1, header)) != nullptr) {
      std::string name = header->name;
      LowerAsciiRange(name.data(), name.size());
      response.headers.emplace(std::move(name), header->value);
    }
    response.retry_after = response.headers["retry-after"];
    if (const std::string& date = response.headers["date"]; !date.empty()) {
      response.date = ParseHttpDate(date);
    }
    return response;
  }

  const std::string ca_file_;
  std::atomic<bool> cancelled_{false};
  CURLM* multi_ = nullptr;
  CURL* easy_ = nullptr;
  char error_[CURL_ERROR_SIZE] = {};
};

HttpClient::HttpClient(std::string ca_file) : impl_(std::make_unique<Impl>(std::move(ca_file))) {}
HttpClient::~HttpClient() = default;

absl::StatusOr<HttpResponse> HttpClient::Send(const HttpCall& request) {
  return impl_->Send(request);
}

void HttpClient::Cancel() { impl_->Cancel(); }

HttpTransportMaker NetworkTransports() {
  return [](const std::string& ca_file) { return std::make_unique<HttpClient>(ca_file); };
}

bool IsThisMachine(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  in_addr v4{};
  return EqualsWithoutCase(host, "localhost") || host == "[::1]" ||
         (host.starts_with("127.") && ::inet_pton(AF_INET, std::string(host).c_str(), &v4) == 1);
}

absl::Status CheckHttpUrl(const std::string& url) {
  InitializeOnce();
  if (ParseUrl(url) != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError("not a URL of http or https with a host");
}

std::optional<std::chrono::sys_seconds> ParseHttpDate(const std::string& text) {
  const time_t seconds = curl_getdate(text.c_str(), nullptr);
  if (seconds == -1) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

}  // namespace signinwatch::http_client
