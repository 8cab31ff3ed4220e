/** How the id of a promise is spelled: ours (`ACC-5`) and those an organisation adds (`SHOP-12`). */
export const promiseIdPattern = /^[A-Z]{2,5}-\d{1,3}$/;
