// What a certificate says of itself, for a person who wonders whom a connection leads to. Decides nothing:
// whether it is trusted is OpenSSL's verification (tls_context.h). Loop thread only.
#pragma once

#include <openssl/x509.h>

#include "net/stream.h"

namespace mailchute {

/// Safe to print; what cannot be read in it is empty.
CertificateFacts certificate_facts(const X509& certificate);

}  // namespace mailchute
