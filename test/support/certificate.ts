/** A self-signed certificate for localhost and 127.0.0.1, good for a hundred years and for nothing but tests. */
export const testCertificate = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUUnuIfQyb2yokmpT4qGW0yojsYsEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjIyMTQwMloYDzIxMjYxMDI5
MjIxNDAyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARXny8BVfF5ILZ6YH7UfmtkoGb3ui0Fe7Py/YFeJ3bRixp4s2H94SuS
qbX8BKWa8KedsLua2XDkOHQi8UmOy61Jo28wbTAdBgNVHQ4EFgQUdoQT5HriLgFF
llPnzUcPmxukigYwHwYDVR0jBBgwFoAUdoQT5HriLgFFllPnzUcPmxukigYwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAPe5lmm63lbobzlUEeTZw+hHi6uu0Tk/o2MJHe21/WkTAiEA
xoowwGShPdWlPqP0sq5EWEgsusT6557AMM4fn1/wMew=
-----END CERTIFICATE-----\n`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg751cl/skly32+dFu
MHxh3QB13MEsk/Qo086qsXGhn/ehRANCAARXny8BVfF5ILZ6YH7UfmtkoGb3ui0F
e7Py/YFeJ3bRixp4s2H94SuSqbX8BKWa8KedsLua2XDkOHQi8UmOy61J
-----END PRIVATE KEY-----\n`,
} as const;
