BBJY^‏½צה@?
)m?zuM¾